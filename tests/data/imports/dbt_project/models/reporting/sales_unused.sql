select * from {{ ref('sales_weekly') }} where false
