-- What a visit found: everybody's first visit, or a later one of a share of the households.
DROP TABLE IF EXISTS bench_visit;
CREATE UNLOGGED TABLE bench_visit AS
SELECT drawn.*, net * 6 / 10 AS wage, abs(net) / 2 AS operating_gross, abs(net) / 10 AS operating_cost,
  net - net * 6 / 10 - abs(net) / 2 + abs(net) / 10 - 30000 AS transfer
FROM (
  SELECT home.*, bench_key_in_order('visit%(visit)s-', %(visit)s * 100000000::bigint + number) AS survey_id,
    CASE WHEN %(visit)s = 0 THEN %(on)s::date - 10 - floor(bench_draw(number, 5) * 200)::integer ELSE %(on)s::date END
      AS visited_on,
    CASE WHEN bench_draw(number, 400 + %(visit)s) > 0.01 THEN greatest(persons, 1) * bench_income(number, %(visit)s) END
      AS net,
    greatest(persons, 1) * bench_income(number, 50 + %(visit)s) AS last_year,
    round(300000 * -ln(bench_draw(number, 500 + %(visit)s)))::bigint AS medical,
    round(150000 * -ln(bench_draw(number, 510 + %(visit)s)))::bigint AS education,
    bench_bit(number, 600 + %(visit)s, 0.06, 10) AS risk_bits,
    bench_bit(number, 700 + %(visit)s, 0.01, 5) AS guarantee_bits,
    bench_bit(number, 800 + %(visit)s, 0.015, 5) AS guarantees_unanswered,
    bench_bit(number, 7, 0.003, 3) AS negative_bits
  FROM bench_home home
  WHERE %(visit)s = 0 OR bench_draw(number, 900 + %(visit)s) < %(share)s
) drawn
ORDER BY number;
