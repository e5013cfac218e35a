-- What an analyst built on the copies of the two shops: joins, unions, CTEs, windows, stars, and masked personal data.
CREATE SCHEMA mart;

CREATE VIEW mart.customers AS
SELECT 'film rental' AS shop, customer_id, first_name || ' ' || last_name AS full_name, email, create_date::DATE AS since
FROM rental_shop.customer
UNION ALL
SELECT 'record shop', "CustomerId", "FirstName" || ' ' || "LastName", "Email", NULL
FROM record_shop."Customer";

CREATE VIEW mart.customers_masked AS
SELECT shop, customer_id, md5(lower(email)) AS email_hash, regexp_replace(email, '^[^@]+', '***') AS email_domain, since
FROM mart.customers;

CREATE VIEW mart.monthly_revenue AS
WITH rentals AS (
    SELECT date_trunc('month', payment_date) AS month, sum(amount) AS revenue
    FROM rental_shop.payment
    GROUP BY ALL
), records AS (
    SELECT date_trunc('month', "InvoiceDate") AS month, sum("Total") AS revenue
    FROM record_shop."Invoice"
    GROUP BY ALL
)
SELECT 'film rental' AS shop, month, revenue FROM rentals
UNION ALL
SELECT 'record shop', month, revenue FROM records;

CREATE VIEW mart.revenue_trend AS
SELECT shop, month, revenue,
       revenue - lag(revenue) OVER (PARTITION BY shop ORDER BY month) AS change,
       sum(revenue) OVER (PARTITION BY shop ORDER BY month ROWS UNBOUNDED PRECEDING) AS running_total
FROM mart.monthly_revenue;

CREATE VIEW mart.film_catalogue AS
SELECT f.*, c.name AS category
FROM rental_shop.film AS f
JOIN rental_shop.film_category AS fc USING (film_id)
JOIN rental_shop.category AS c USING (category_id);

CREATE VIEW mart.top_films AS
SELECT category, title, revenue, rank() OVER (PARTITION BY category ORDER BY revenue DESC) AS place
FROM (
    SELECT fc.category, fc.title, sum(p.amount) AS revenue
    FROM rental_shop.payment AS p
    JOIN rental_shop.rental AS r USING (rental_id)
    JOIN rental_shop.inventory AS i USING (inventory_id)
    JOIN mart.film_catalogue AS fc USING (film_id)
    GROUP BY fc.category, fc.title
)
QUALIFY place <= 3;

CREATE VIEW mart.customer_value AS
WITH spent AS (
    SELECT customer_id, count(*) AS payments, sum(amount) AS total, max(payment_date) AS last_paid
    FROM rental_shop.payment
    GROUP BY customer_id
)
SELECT c.customer_id, c.email, coalesce(s.total, 0) AS total, s.payments, s.last_paid,
       CASE WHEN s.total > 40 THEN 'gold' WHEN s.total > 20 THEN 'silver' ELSE 'bronze' END AS tier
FROM rental_shop.customer AS c
LEFT JOIN spent AS s ON s.customer_id = c.customer_id
WHERE c.active = 1;

CREATE VIEW mart.newsletter AS
SELECT * EXCLUDE (payments, last_paid) FROM mart.customer_value WHERE tier <> 'bronze';

CREATE VIEW mart.genre_revenue AS
SELECT g."Name" AS genre, a."Name" AS artist, sum(l."UnitPrice" * l."Quantity") AS revenue, count(DISTINCT l."InvoiceId") AS invoices
FROM record_shop."InvoiceLine" AS l
JOIN record_shop."Track" AS t ON t."TrackId" = l."TrackId"
JOIN record_shop."Genre" AS g ON g."GenreId" = t."GenreId"
JOIN record_shop."Album" AS al ON al."AlbumId" = t."AlbumId"
JOIN record_shop."Artist" AS a ON a."ArtistId" = al."ArtistId"
GROUP BY g."Name", a."Name";
