-- Several keepers on one database: each closes only rounds whose key lies in its own key directory,
-- and no keeper may call a key destroyed that another one holds. So a key says whose it is. Keys in
-- stock from before do not; they are dropped, and their keeper makes new ones at its next start.

delete from key_stock;
alter table key_stock add column keeper uuid not null;
alter table round add column keeper uuid;  -- null: opened before, by the one keeper there was
