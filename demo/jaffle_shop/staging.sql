-- The staging models of the project, which its recorded manifest names and does not hold.
CREATE VIEW stg_customers AS SELECT customer_id, first_name, last_name, email, created_at FROM raw_customers;
CREATE VIEW stg_orders AS SELECT order_id, customer_id, order_date, status FROM raw_orders;
CREATE VIEW stg_payments AS SELECT payment_id, order_id, payment_method, amount, created_at FROM raw_payments;
