-- A number between 0 and 1 for a household and a question: the same in every run, in whatever order rows are made.
CREATE OR REPLACE FUNCTION bench_draw(number bigint, question integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ((hashint8extended(number, question) & 1073741823) + 0.5) / 1073741824.0
$$;

CREATE OR REPLACE FUNCTION bench_key(kind text, number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT md5(kind || number)::uuid
$$;

-- A key as the product gives it: larger than those of the rows that were entered before; one a millisecond.
CREATE OR REPLACE FUNCTION bench_key_in_order(kind text, number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(1700000000000 + number), 12, '0') || '7' || substr(drawn, 1, 3) || '8' || substr(drawn, 4, 15))::uuid
  FROM md5(kind || number) drawn
$$;

-- Members of a household: 1 to 7, 3.5 on average.
CREATE OR REPLACE FUNCTION bench_members(number bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 1 + width_bucket(bench_draw(number, 1), ARRAY[0.07, 0.29, 0.51, 0.75, 0.89, 0.97])
$$;

-- Whether a member shares income and spending: one in thirty does not, and seldom the head.
CREATE OR REPLACE FUNCTION bench_lives_here(number bigint, place integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT bench_draw(number * 8 + place, 2) > CASE WHEN place = 1 THEN 0.01 ELSE 0.03 END
$$;

-- Net income per head in fen at a visit: log-normal around 9,000 yuan, about one in twelve below 5,000; some losses.
CREATE OR REPLACE FUNCTION bench_income(number bigint, visit integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN bench_draw(number, 100 + visit) < 0.003 THEN -150000 ELSE round(100 * exp(
    9.1 + 0.42 * sqrt(-2 * ln(bench_draw(number, 200 + visit))) * cos(2 * pi() * bench_draw(number, 300 + visit))
  )) END::bigint
$$;

-- One bit of so many in a share of the households, none in the others.
CREATE OR REPLACE FUNCTION bench_bit(number bigint, question integer, share double precision, bits integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN bench_draw(number, question) < share
    THEN 1 << floor(bench_draw(number, question + 50) * bits)::integer ELSE 0 END
$$;
