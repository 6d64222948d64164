select order_id, customer_id, amount, ordered_on from {{ source('shop', 'orders') }}
