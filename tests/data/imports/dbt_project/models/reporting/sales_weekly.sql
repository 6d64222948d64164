select date_trunc('week', ordered_on) as week, country, sum(paid) as paid from {{ ref('fct_orders') }} join {{ ref('dim_customers', v=2) }} using (customer_id) group by 1, 2
