select order_id, method, paid from {{ source('payments', 'transfers') }}
