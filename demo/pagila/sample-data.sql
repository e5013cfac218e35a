-- Made-up rows for the tables that the published part of Pagila's data leaves empty. No person behind them; always the same rows.
INSERT INTO language (language_id, name)
SELECT number, name FROM unnest(ARRAY['English', 'Italian', 'Japanese', 'Mandarin', 'French', 'German']) WITH ORDINALITY AS l (name, number);

INSERT INTO city (city_id, city, country_id)
SELECT number, city, country_id
FROM unnest(
  ARRAY['Osaka', 'Bergamo', 'Lyon', 'Porto', 'Aarhus', 'Leipzig', 'Gdynia', 'Quito', 'Cordoba', 'Oaxaca', 'Recife', 'Surat', 'Da Nang', 'Busan', 'Izmir',
        'Graz', 'Tampere', 'Halifax', 'Dunedin', 'Savannah', 'Kumasi', 'Kisumu', 'Arequipa', 'Cebu', 'Chiang Mai'],
  ARRAY['Japan', 'Italy', 'France', 'Portugal', 'Denmark', 'Germany', 'Poland', 'Ecuador', 'Argentina', 'Mexico', 'Brazil', 'India', 'Vietnam',
        'South Korea', 'Turkey', 'Austria', 'Finland', 'Canada', 'New Zealand', 'United States', 'Ghana', 'Kenya', 'Peru', 'Philippines', 'Thailand']
) WITH ORDINALITY AS c (city, in_country, number)
JOIN country ON country.country = coalesce((SELECT o.country FROM country o WHERE o.country = in_country), 'United States');

INSERT INTO address (address_id, address, address2, district, city_id, postal_code, phone)
SELECT i, (10 + i * 7 % 980) || ' ' || (ARRAY['Harbour', 'Mill', 'Station', 'Orchard', 'Castle', 'Linden', 'Chapel'])[1 + i % 7] || ' '
       || (ARRAY['Street', 'Road', 'Lane', 'Avenue', 'Square'])[1 + i % 5],
       CASE WHEN i % 9 = 0 THEN 'Flat ' || i % 40 END, (ARRAY['North', 'South', 'East', 'West', 'Old Town'])[1 + i % 5], 1 + i % 25,
       lpad((10007 + i * 433 % 89000)::text, 5, '0'), '+1 202-555-01' || lpad((i % 100)::text, 2, '0')
FROM generate_series(1, 260) AS i;

SET session_replication_role = replica; -- a store has a manager and a manager has a store
INSERT INTO store (store_id, manager_staff_id, address_id) VALUES (1, 1, 1), (2, 2, 2);
INSERT INTO staff (staff_id, first_name, last_name, address_id, email, store_id, active, username, password)
VALUES (1, 'Mike', 'Hillyer', 3, 'mike.hillyer@sakilastaff.example', 1, true, 'Mike', md5('no password')),
       (2, 'Jon', 'Stephens', 4, 'jon.stephens@sakilastaff.example', 2, true, 'Jon', md5('none either'));
SET session_replication_role = origin;

INSERT INTO customer (customer_id, store_id, first_name, last_name, email, address_id, create_date, active)
SELECT i, 1 + i % 2, first_name, last_name, lower(first_name || '.' || last_name) || i || '@sakilacustomer.example', 10 + i, '2006-02-14'::date + i % 200,
       (i % 17 <> 0)::int
FROM generate_series(1, 240) AS i,
     LATERAL (SELECT (ARRAY['Mary', 'Patricia', 'Linda', 'James', 'Robert', 'Elena', 'Hiro', 'Ana', 'Jonas', 'Priya', 'Tomasz', 'Amina'])[1 + i % 12] AS first_name,
                     (ARRAY['Smith', 'Johnson', 'Rossi', 'Tanaka', 'Silva', 'Meyer', 'Kowalski', 'Okoye', 'Larsen', 'Patel', 'Moreau'])[1 + i % 11] AS last_name) AS n;

INSERT INTO film (film_id, title, description, release_year, language_id, rental_duration, rental_rate, length, replacement_cost, rating, special_features)
SELECT i, upper(a || ' ' || b), 'A ' || lower(a) || ' story of a ' || lower(b) || ' and what came of it', 1998 + i % 9, 1 + i % 6, 3 + i % 5,
       (ARRAY[0.99, 2.99, 4.99])[1 + i % 3], 60 + i * 13 % 120, 9.99 + i % 20, (ARRAY['G', 'PG', 'PG-13', 'R', 'NC-17'])[1 + i % 5]::mpaa_rating,
       ARRAY['Trailers', 'Deleted Scenes']
FROM generate_series(1, 150) AS i,
     LATERAL (SELECT (ARRAY['Silent', 'Golden', 'Distant', 'Broken', 'Electric', 'Hidden', 'Last', 'Paper', 'Midnight', 'Wild'])[1 + i % 10] AS a,
                     (ARRAY['Harbour', 'Garden', 'Signal', 'Empire', 'Orchestra', 'River', 'Machine', 'Winter', 'Island', 'Promise', 'Detective', 'Voyage',
                            'Mirror', 'Comet', 'Library'])[1 + i % 15] AS b) AS t;

INSERT INTO film_category (film_id, category_id) SELECT i, 1 + i % 16 FROM generate_series(1, 150) AS i;
INSERT INTO film_actor (actor_id, film_id) SELECT 1 + (i * 7 + k * 31) % 200, i FROM generate_series(1, 150) AS i, generate_series(1, 4) AS k;
INSERT INTO inventory (inventory_id, film_id, store_id) SELECT i, 1 + i % 150, 1 + i % 2 FROM generate_series(1, 450) AS i;

INSERT INTO rental (rental_id, rental_date, inventory_id, customer_id, return_date, staff_id)
SELECT i, taken, 1 + i * 11 % 450, 1 + i * 37 % 240, CASE WHEN i % 23 <> 0 THEN taken + make_interval(days => 1 + i % 9) END, 1 + i % 2
FROM generate_series(1, 1500) AS i, LATERAL (SELECT timestamp '2007-01-02 09:00' + make_interval(mins => i * 170) AS taken) AS t;

INSERT INTO payment (payment_id, customer_id, staff_id, rental_id, amount, payment_date)
SELECT r.rental_id, r.customer_id, r.staff_id, r.rental_id, f.rental_rate + (r.rental_id % 4), r.rental_date + interval '5 minutes'
FROM rental r JOIN inventory i USING (inventory_id) JOIN film f USING (film_id);
ANALYZE;
