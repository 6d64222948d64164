select customer_id, country, region from {{ ref('stg_customers') }} left join {{ ref('countries') }} using (country)
