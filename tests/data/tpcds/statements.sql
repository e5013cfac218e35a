-- Statements of the class of TPC-DS, over its schema: our own, for the benchmark and its check.
WITH channel_sales AS (
    SELECT 'store' AS channel, ss_item_sk AS item_sk, ss_customer_sk AS customer_sk, ss_sold_date_sk AS date_sk,
           ss_quantity AS quantity, ss_ext_sales_price AS revenue, ss_ext_sales_price - ss_ext_wholesale_cost AS margin
    FROM store_sales
    UNION ALL
    SELECT 'catalog', cs_item_sk, cs_bill_customer_sk, cs_sold_date_sk, cs_quantity, cs_ext_sales_price,
           cs_ext_sales_price - cs_ext_wholesale_cost
    FROM catalog_sales
    UNION ALL
    SELECT 'web', ws_item_sk, ws_bill_customer_sk, ws_sold_date_sk, ws_quantity, ws_ext_sales_price,
           ws_ext_sales_price - ws_ext_wholesale_cost
    FROM web_sales),
monthly AS (
    SELECT i_brand, i_category, d_year, d_moy, channel, SUM(revenue) AS revenue, SUM(margin) AS margin,
           COUNT(DISTINCT customer_sk) AS customers,
           AVG(SUM(revenue)) OVER (PARTITION BY i_brand, d_year) AS yearly_average,
           RANK() OVER (PARTITION BY i_category, d_year ORDER BY SUM(revenue) DESC) AS position
    FROM channel_sales JOIN item ON item_sk = i_item_sk JOIN date_dim ON date_sk = d_date_sk
    WHERE d_year BETWEEN 1999 AND 2002 AND i_current_price > 1.5
    GROUP BY i_brand, i_category, d_year, d_moy, channel)
SELECT cur.i_brand, cur.channel, cur.d_year, cur.revenue, prev.revenue AS revenue_before,
       (cur.revenue - prev.revenue) / NULLIF(prev.revenue, 0) AS growth,
       CASE WHEN cur.margin > 0.3 * cur.revenue THEN 'high' WHEN cur.margin > 0 THEN 'low' ELSE 'loss' END AS grade
FROM monthly cur LEFT JOIN monthly prev
  ON cur.i_brand = prev.i_brand AND cur.channel = prev.channel AND cur.d_year = prev.d_year + 1 AND cur.d_moy = prev.d_moy
WHERE cur.position <= 100 AND cur.revenue > 0.9 * cur.yearly_average
ORDER BY growth DESC, cur.i_brand LIMIT 100;

WITH returned AS (
    SELECT sr_customer_sk AS customer_sk, sr_store_sk AS store_sk, SUM(sr_return_amt) AS amount, SUM(sr_fee) AS fees
    FROM store_returns, date_dim
    WHERE sr_returned_date_sk = d_date_sk AND d_year = 2001
    GROUP BY sr_customer_sk, sr_store_sk),
typical AS (SELECT store_sk, AVG(amount) AS average, STDDEV_SAMP(amount) AS spread FROM returned GROUP BY store_sk)
SELECT c_customer_id, c_first_name, c_last_name, s_store_name, r.amount, r.fees, (r.amount - t.average) / t.spread AS score
FROM returned r
JOIN typical t ON r.store_sk = t.store_sk
JOIN store ON s_store_sk = r.store_sk
JOIN customer ON c_customer_sk = r.customer_sk
WHERE r.amount > 1.2 * t.average AND s_state = 'TN'
ORDER BY score DESC, c_customer_id LIMIT 50;

SELECT s_store_name, d_week_seq,
       SUM(CASE WHEN d_day_name = 'Monday' THEN ss_sales_price END) AS monday,
       SUM(CASE WHEN d_day_name = 'Tuesday' THEN ss_sales_price END) AS tuesday,
       SUM(CASE WHEN d_day_name = 'Wednesday' THEN ss_sales_price END) AS wednesday,
       SUM(CASE WHEN d_day_name = 'Thursday' THEN ss_sales_price END) AS thursday,
       SUM(CASE WHEN d_day_name = 'Friday' THEN ss_sales_price END) AS friday,
       SUM(CASE WHEN d_day_name = 'Saturday' THEN ss_sales_price END) AS saturday,
       SUM(CASE WHEN d_day_name = 'Sunday' THEN ss_sales_price END) AS sunday
FROM store_sales JOIN store ON ss_store_sk = s_store_sk JOIN date_dim ON ss_sold_date_sk = d_date_sk
JOIN item ON ss_item_sk = i_item_sk
WHERE i_category IN ('Books', 'Music', 'Shoes') AND d_month_seq BETWEEN 1200 AND 1211
GROUP BY s_store_name, d_week_seq ORDER BY s_store_name, d_week_seq;

SELECT cd_gender, cd_marital_status, cd_education_status, COUNT(*) AS people, AVG(cd_purchase_estimate) AS estimate,
       MAX(cd_dep_count) AS dependants
FROM customer c, customer_address ca, customer_demographics
WHERE c.c_current_addr_sk = ca.ca_address_sk AND ca_county IN ('Rush County', 'Toole County') AND cd_demo_sk = c.c_current_cdemo_sk
  AND EXISTS (SELECT 1 FROM store_sales, date_dim
              WHERE c.c_customer_sk = ss_customer_sk AND ss_sold_date_sk = d_date_sk AND d_year = 2002 AND d_moy BETWEEN 1 AND 4)
  AND (EXISTS (SELECT 1 FROM web_sales, date_dim
               WHERE c.c_customer_sk = ws_bill_customer_sk AND ws_sold_date_sk = d_date_sk AND d_year = 2002)
       OR EXISTS (SELECT 1 FROM catalog_sales WHERE c.c_customer_sk = cs_ship_customer_sk))
GROUP BY cd_gender, cd_marital_status, cd_education_status
ORDER BY cd_gender, people DESC LIMIT 100;

WITH sold AS (
    SELECT i_item_id, SUM(ss_ext_sales_price) AS store_revenue
    FROM store_sales, item, date_dim
    WHERE ss_item_sk = i_item_sk AND ss_sold_date_sk = d_date_sk
      AND d_date IN (SELECT d_date FROM date_dim WHERE d_week_seq = (SELECT d_week_seq FROM date_dim WHERE d_date = '2000-01-03'))
    GROUP BY i_item_id),
mailed AS (
    SELECT i_item_id, SUM(cs_ext_sales_price) AS catalog_revenue
    FROM catalog_sales JOIN item ON cs_item_sk = i_item_sk JOIN date_dim ON cs_sold_date_sk = d_date_sk
    GROUP BY i_item_id),
clicked AS (
    SELECT i_item_id, SUM(ws_ext_sales_price) AS web_revenue
    FROM web_sales JOIN item ON ws_item_sk = i_item_sk JOIN date_dim ON ws_sold_date_sk = d_date_sk
    GROUP BY i_item_id)
SELECT sold.i_item_id, store_revenue, store_revenue / (store_revenue + catalog_revenue + web_revenue) / 3 * 100 AS store_share,
       catalog_revenue, catalog_revenue / (store_revenue + catalog_revenue + web_revenue) / 3 * 100 AS catalog_share,
       web_revenue, (store_revenue + catalog_revenue + web_revenue) / 3 AS average
FROM sold, mailed, clicked
WHERE sold.i_item_id = mailed.i_item_id AND sold.i_item_id = clicked.i_item_id
  AND store_revenue BETWEEN 0.9 * catalog_revenue AND 1.1 * catalog_revenue;

SELECT w_warehouse_name, i_item_id,
       SUM(CASE WHEN d_date < '2000-03-11' THEN inv_quantity_on_hand ELSE 0 END) AS before_that,
       SUM(CASE WHEN d_date >= '2000-03-11' THEN inv_quantity_on_hand ELSE 0 END) AS after_that
FROM inventory, warehouse, item, date_dim
WHERE i_current_price BETWEEN 0.99 AND 1.49 AND i_item_sk = inv_item_sk AND inv_warehouse_sk = w_warehouse_sk
  AND inv_date_sk = d_date_sk
GROUP BY w_warehouse_name, i_item_id
HAVING SUM(CASE WHEN d_date < '2000-03-11' THEN inv_quantity_on_hand ELSE 0 END) > 0
ORDER BY w_warehouse_name, i_item_id LIMIT 100;

SELECT i_category, i_class, i_brand, i_product_name, total, standing
FROM (SELECT i_category, i_class, i_brand, i_product_name, total,
             RANK() OVER (PARTITION BY i_category ORDER BY total DESC) AS standing
      FROM (SELECT i_category, i_class, i_brand, i_product_name,
                   SUM(COALESCE(ss_sales_price * ss_quantity, 0)) AS total
            FROM store_sales, date_dim, store, item
            WHERE ss_sold_date_sk = d_date_sk AND ss_item_sk = i_item_sk AND ss_store_sk = s_store_sk AND d_month_seq > 1190
            GROUP BY ROLLUP (i_category, i_class, i_brand, i_product_name)) sums) ranked
WHERE standing <= 100
ORDER BY i_category, i_class, total, standing LIMIT 100;

SELECT channel, label, SUM(sales) AS sales, SUM(returns_amount) AS returns_amount, SUM(profit) AS profit
FROM (SELECT 'store channel' AS channel, s_store_id AS label, sales, COALESCE(returned, 0) AS returns_amount,
             profit - COALESCE(loss, 0) AS profit
      FROM (SELECT s_store_sk, s_store_id, SUM(ss_ext_sales_price) AS sales, SUM(ss_net_profit) AS profit
            FROM store_sales JOIN store ON ss_store_sk = s_store_sk GROUP BY s_store_sk, s_store_id) sold
      LEFT JOIN (SELECT sr_store_sk, SUM(sr_return_amt) AS returned, SUM(sr_net_loss) AS loss
                 FROM store_returns GROUP BY sr_store_sk) gone ON sold.s_store_sk = gone.sr_store_sk
      UNION ALL
      SELECT 'web channel', wp_web_page_id, SUM(ws_ext_sales_price), SUM(COALESCE(wr_return_amt, 0)),
             SUM(ws_net_profit) - SUM(COALESCE(wr_net_loss, 0))
      FROM web_sales JOIN web_page ON ws_web_page_sk = wp_web_page_sk
      LEFT JOIN web_returns ON ws_item_sk = wr_item_sk AND ws_order_number = wr_order_number
      GROUP BY wp_web_page_id) AS channels
GROUP BY ROLLUP (channel, label) ORDER BY channel, label LIMIT 100;

WITH walk AS (
    SELECT ws_item_sk AS item_sk, d_date, SUM(SUM(ws_sales_price)) OVER (PARTITION BY ws_item_sk ORDER BY d_date
           ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running
    FROM web_sales, date_dim WHERE ws_sold_date_sk = d_date_sk AND d_month_seq BETWEEN 1200 AND 1211
    GROUP BY ws_item_sk, d_date),
shop AS (
    SELECT ss_item_sk AS item_sk, d_date, SUM(SUM(ss_sales_price)) OVER (PARTITION BY ss_item_sk ORDER BY d_date
           ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running
    FROM store_sales, date_dim WHERE ss_sold_date_sk = d_date_sk GROUP BY ss_item_sk, d_date)
SELECT item_sk, d_date, web_sales_total, store_sales_total
FROM (SELECT COALESCE(web.item_sk, store.item_sk) AS item_sk, COALESCE(web.d_date, store.d_date) AS d_date,
             web.running AS web_sales_total, store.running AS store_sales_total
      FROM walk web FULL OUTER JOIN shop store ON web.item_sk = store.item_sk AND web.d_date = store.d_date) x
WHERE web_sales_total > store_sales_total
ORDER BY item_sk, d_date LIMIT 100;

SELECT c_last_name, c_first_name, c_salutation, c_preferred_cust_flag, ss_ticket_number, cnt
FROM (SELECT ss_ticket_number, ss_customer_sk, COUNT(*) AS cnt
      FROM store_sales, date_dim, store, household_demographics
      WHERE ss_sold_date_sk = d_date_sk AND ss_store_sk = s_store_sk AND ss_hdemo_sk = hd_demo_sk
        AND (d_dom BETWEEN 1 AND 3 OR d_dom BETWEEN 25 AND 28)
        AND (hd_buy_potential = '>10000' OR hd_buy_potential = 'Unknown') AND hd_vehicle_count > 0
        AND CASE WHEN hd_vehicle_count > 0 THEN hd_dep_count / hd_vehicle_count ELSE NULL END > 1.2
      GROUP BY ss_ticket_number, ss_customer_sk) tickets, customer
WHERE ss_customer_sk = c_customer_sk AND cnt BETWEEN 15 AND 20
ORDER BY c_last_name, c_first_name, c_salutation, c_preferred_cust_flag DESC, ss_ticket_number;

SELECT COUNT(*) AS shared FROM (
    SELECT DISTINCT c_last_name, c_first_name, d_date FROM store_sales, date_dim, customer
    WHERE ss_sold_date_sk = d_date_sk AND ss_customer_sk = c_customer_sk AND d_month_seq BETWEEN 1200 AND 1211
    INTERSECT
    SELECT DISTINCT c_last_name, c_first_name, d_date FROM catalog_sales, date_dim, customer
    WHERE cs_sold_date_sk = d_date_sk AND cs_bill_customer_sk = c_customer_sk
    INTERSECT
    SELECT DISTINCT c_last_name, c_first_name, d_date FROM web_sales, date_dim, customer
    WHERE ws_sold_date_sk = d_date_sk AND ws_bill_customer_sk = c_customer_sk) hot;

WITH yearly AS (
    SELECT c_customer_id AS customer_id, c_first_name AS first_name, c_last_name AS last_name, c_email_address AS email,
           d_year AS year_of_sale, SUM(((ss_ext_list_price - ss_ext_wholesale_cost - ss_ext_discount_amt) + ss_ext_sales_price) / 2) AS total,
           's' AS kind
    FROM customer, store_sales, date_dim
    WHERE c_customer_sk = ss_customer_sk AND ss_sold_date_sk = d_date_sk
    GROUP BY c_customer_id, c_first_name, c_last_name, c_email_address, d_year
    UNION ALL
    SELECT c_customer_id, c_first_name, c_last_name, c_email_address, d_year,
           SUM(((ws_ext_list_price - ws_ext_wholesale_cost - ws_ext_discount_amt) + ws_ext_sales_price) / 2), 'w'
    FROM customer, web_sales, date_dim
    WHERE c_customer_sk = ws_bill_customer_sk AND ws_sold_date_sk = d_date_sk
    GROUP BY c_customer_id, c_first_name, c_last_name, c_email_address, d_year)
SELECT s2.customer_id, s2.first_name, s2.last_name, s2.email, w2.total / w1.total - s2.total / s1.total AS lead_of_web
FROM yearly s1, yearly s2, yearly w1, yearly w2
WHERE s2.customer_id = s1.customer_id AND s1.customer_id = w2.customer_id AND s1.customer_id = w1.customer_id
  AND s1.kind = 's' AND w1.kind = 'w' AND s2.kind = 's' AND w2.kind = 'w'
  AND s1.year_of_sale = 2001 AND s2.year_of_sale = 2002 AND w1.year_of_sale = 2001 AND w2.year_of_sale = 2002
  AND s1.total > 0 AND w1.total > 0
  AND CASE WHEN w1.total > 0 THEN w2.total / w1.total ELSE 0 END > CASE WHEN s1.total > 0 THEN s2.total / s1.total ELSE 0 END
ORDER BY s2.customer_id, s2.first_name, s2.last_name LIMIT 100;

SELECT dt.d_year, i.i_brand_id AS brand_id, i.i_brand AS brand, SUM(ss.ss_ext_sales_price) AS sum_agg,
       LAG(SUM(ss.ss_ext_sales_price)) OVER (PARTITION BY i.i_brand_id ORDER BY dt.d_year) AS before_it
FROM date_dim dt JOIN store_sales ss ON dt.d_date_sk = ss.ss_sold_date_sk JOIN item i ON ss.ss_item_sk = i.i_item_sk
WHERE i.i_manufact_id = 128 AND dt.d_moy = 11
GROUP BY dt.d_year, i.i_brand, i.i_brand_id ORDER BY dt.d_year, sum_agg DESC, brand_id LIMIT 100;

SELECT ca_zip, ca_city, SUM(ws_sales_price) AS price, MIN(d_quarter_name) AS quarter
FROM web_sales, customer, customer_address, date_dim, item
WHERE ws_bill_customer_sk = c_customer_sk AND c_current_addr_sk = ca_address_sk AND ws_item_sk = i_item_sk
  AND (SUBSTRING(ca_zip, 1, 5) IN ('85669', '86197', '88274') OR i_item_id IN (SELECT i_item_id FROM item WHERE i_item_sk IN (2, 3, 5, 7)))
  AND ws_sold_date_sk = d_date_sk AND d_qoy = 2
GROUP BY ca_zip, ca_city ORDER BY ca_zip, ca_city;

SELECT sm_type, web_name, w_warehouse_name,
       SUM(CASE WHEN ws_ship_date_sk - ws_sold_date_sk <= 30 THEN 1 ELSE 0 END) AS days_30,
       SUM(CASE WHEN ws_ship_date_sk - ws_sold_date_sk > 30 AND ws_ship_date_sk - ws_sold_date_sk <= 60 THEN 1 ELSE 0 END) AS days_60,
       SUM(CASE WHEN ws_ship_date_sk - ws_sold_date_sk > 60 THEN 1 ELSE 0 END) AS more
FROM web_sales, warehouse, ship_mode, web_site, date_dim
WHERE d_month_seq BETWEEN 1200 AND 1211 AND ws_ship_date_sk = d_date_sk AND ws_warehouse_sk = w_warehouse_sk
  AND ws_ship_mode_sk = sm_ship_mode_sk AND ws_web_site_sk = web_site_sk
GROUP BY sm_type, web_name, w_warehouse_name ORDER BY sm_type, web_name LIMIT 100;

SELECT (SELECT COUNT(*) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20) AS few,
       (SELECT AVG(ss_ext_discount_amt) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20) AS discount,
       (SELECT AVG(ss_net_paid) FROM store_sales WHERE ss_quantity BETWEEN 21 AND 40) AS paid,
       r_reason_desc
FROM reason WHERE r_reason_sk = 1;

WITH base AS (
    SELECT ss_store_sk, ss_item_sk, SUM(ss_sales_price) AS revenue FROM store_sales, date_dim
    WHERE ss_sold_date_sk = d_date_sk AND d_month_seq BETWEEN 1176 AND 1187 GROUP BY ss_store_sk, ss_item_sk)
SELECT s_store_name, i_item_desc, sc.revenue, i_current_price, i_wholesale_cost, i_brand
FROM store, item, (SELECT ss_store_sk, AVG(revenue) AS ave FROM base GROUP BY ss_store_sk) sb, base sc
WHERE sb.ss_store_sk = sc.ss_store_sk AND sc.revenue <= 0.1 * sb.ave AND s_store_sk = sc.ss_store_sk AND i_item_sk = sc.ss_item_sk
ORDER BY s_store_name, i_item_desc LIMIT 100;

SELECT i_item_id, ca_country, ca_state, ca_county, AVG(CAST(cs_quantity AS DECIMAL(12, 2))) AS agg1,
       AVG(CAST(cs_list_price AS DECIMAL(12, 2))) AS agg2, AVG(CAST(cs_coupon_amt AS DECIMAL(12, 2))) AS agg3,
       AVG(CAST(c_birth_year AS DECIMAL(12, 2))) AS agg4, AVG(CAST(cd1.cd_dep_count AS DECIMAL(12, 2))) AS agg5
FROM catalog_sales, customer_demographics cd1, customer_demographics cd2, customer, customer_address, date_dim, item
WHERE cs_sold_date_sk = d_date_sk AND cs_item_sk = i_item_sk AND cs_bill_cdemo_sk = cd1.cd_demo_sk
  AND cs_bill_customer_sk = c_customer_sk AND cd1.cd_gender = 'F' AND c_current_cdemo_sk = cd2.cd_demo_sk
  AND c_current_addr_sk = ca_address_sk AND c_birth_month IN (1, 6, 8)
GROUP BY ROLLUP (i_item_id, ca_country, ca_state, ca_county) ORDER BY ca_country, ca_state LIMIT 100;

SELECT cc_call_center_id, cc_name, cc_manager, SUM(cr_net_loss) AS returns_loss
FROM call_center, catalog_returns, date_dim, customer, customer_address, household_demographics
WHERE cr_call_center_sk = cc_call_center_sk AND cr_returned_date_sk = d_date_sk AND cr_returning_customer_sk = c_customer_sk
  AND hd_demo_sk = c_current_hdemo_sk AND ca_address_sk = c_current_addr_sk AND hd_buy_potential LIKE 'Unknown%'
GROUP BY cc_call_center_id, cc_name, cc_manager ORDER BY SUM(cr_net_loss) DESC;

SELECT promotions, total, CAST(promotions AS DECIMAL(15, 4)) / CAST(total AS DECIMAL(15, 4)) * 100 AS ratio
FROM (SELECT SUM(ss_ext_sales_price) AS promotions FROM store_sales JOIN promotion ON ss_promo_sk = p_promo_sk
      WHERE p_channel_dmail = 'Y' OR p_channel_email = 'Y' OR p_channel_tv = 'Y') promotional,
     (SELECT SUM(ss_ext_sales_price) AS total FROM store_sales JOIN store ON ss_store_sk = s_store_sk WHERE s_gmt_offset = -5) everything;

INSERT INTO report (r1, r2, r3, r4, r5)
SELECT i_manufact, d_qoy, SUM(ss_sales_price), AVG(SUM(ss_sales_price)) OVER (PARTITION BY i_manufact),
       ROW_NUMBER() OVER (ORDER BY SUM(ss_sales_price) DESC, i_manufact)
FROM item JOIN store_sales ON ss_item_sk = i_item_sk JOIN date_dim ON ss_sold_date_sk = d_date_sk
WHERE i_class IN ('personal', 'portable', 'reference') AND i_color NOT IN ('red', 'blue')
GROUP BY i_manufact, d_qoy;

INSERT INTO report
WITH first_orders AS (
    SELECT cs_bill_customer_sk AS customer_sk, MIN(cs_sold_date_sk) AS first_sk, SUM(cs_net_paid) AS paid
    FROM catalog_sales WHERE cs_quantity > 0 GROUP BY cs_bill_customer_sk),
banded AS (
    SELECT customer_sk, paid, d_year, NTILE(10) OVER (PARTITION BY d_year ORDER BY paid) AS decile
    FROM first_orders JOIN date_dim ON first_sk = d_date_sk)
SELECT UPPER(c_last_name) || ', ' || c_first_name, MD5(c_email_address), ca_state, b.d_year, b.decile, b.paid,
       b.paid - AVG(b.paid) OVER (PARTITION BY ca_state), ib_lower_bound
FROM banded b JOIN customer ON c_customer_sk = b.customer_sk JOIN customer_address ON ca_address_sk = c_current_addr_sk
LEFT JOIN household_demographics ON hd_demo_sk = c_current_hdemo_sk LEFT JOIN income_band ON ib_income_band_sk = hd_income_band_sk
WHERE b.decile = 10;
