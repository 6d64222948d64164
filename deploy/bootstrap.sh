#!/bin/sh
# Runs once, when the data volume is new: the four roles, the extensions, the database.
set -eu
psql -X -v ON_ERROR_STOP=1 -U postgres -d postgres -v password="$(cat /run/secrets/role_password)" -v database=headwater \
  -f /opt/headwater/bootstrap.sql
