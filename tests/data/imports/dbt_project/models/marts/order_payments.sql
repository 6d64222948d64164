select order_id, sum(paid) as paid from {{ ref('stg_transfers') }} join {{ ref('payment_methods') }} using (method) group by 1
