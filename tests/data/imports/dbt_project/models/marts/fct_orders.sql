select * from {{ ref('stg_orders') }} left join {{ ref('order_payments') }} using (order_id)
