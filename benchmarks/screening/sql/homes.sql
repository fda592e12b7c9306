-- The households by number, in the order of the villages.
DROP TABLE IF EXISTS bench_home;
CREATE UNLOGGED TABLE bench_home AS
SELECT number, bench_key_in_order('household', number) AS id, village.id AS village_id, bench_members(number) AS members,
  CASE WHEN bench_draw(number, 3) < 0.12 THEN 'lifted' WHEN bench_draw(number, 3) < 0.14 THEN 'registered_poor'
    ELSE 'ordinary' END AS household_type,
  (SELECT count(*) FROM generate_series(1, bench_members(number)) place WHERE bench_lives_here(number, place))::integer
    AS persons
FROM bench_village village, generate_series(village.first, village.last) number
ORDER BY number;
