-- 枣庄2020 written by hand: what a person would write who needs this one rule set, once, and nothing else.
SELECT concluded.*,
  CASE WHEN outcome IN ('NA', 'INCOMPLETE') THEN 0 ELSE (rule_bits >> 9 & 1) + (rule_bits >> 7 & 1) * 2 END AS flag_bits,
  decision > 4 AND outcome <> 'INCOMPLETE' AND rule_bits & 112 > 0 AS lacks_one
FROM (
  SELECT counted.*, CASE
      WHEN decision < 2 THEN 'NA' WHEN decision IN (2, 7) THEN 'INCOMPLETE'
      WHEN decision IN (3, 4) THEN CASE household_type WHEN 'lifted' THEN 'RELAPSE' ELSE 'EDGE' END
      WHEN decision = 5 THEN 'REVIEW_RISK' WHEN decision = 6 THEN 'WATCH' ELSE 'NONE'
    END AS outcome
  FROM (
    SELECT compared.*, CASE
        WHEN rule_bits & 1 > 0 THEN 0 WHEN rule_bits & 2 > 0 THEN 1 WHEN rule_bits & 4 > 0 THEN 2
        WHEN rule_bits & 8 > 0 THEN 3 WHEN rule_bits & 48 > 0 AND rule_bits & 64 > 0 THEN 4
        WHEN rule_bits & 48 > 0 THEN 5 WHEN rule_bits & 192 > 0 THEN 6 WHEN rule_bits & 256 > 0 THEN 7 ELSE 8
      END AS decision
    FROM (
      SELECT known.*,
        CASE WHEN persons = 0 THEN 1 ELSE 0 END
        + CASE WHEN household_type NOT IN ('lifted', 'ordinary') THEN 2 ELSE 0 END
        + CASE WHEN net_income IS NULL OR disposable_income IS NULL THEN 4 ELSE 0 END
        + CASE WHEN designated THEN 8 ELSE 0 END
        + CASE WHEN persons > 0 AND net_income < line THEN
            CASE household_type WHEN 'lifted' THEN 16 WHEN 'ordinary' THEN 32 ELSE 0 END ELSE 0 END
        + CASE WHEN risk_bits > 0 THEN 64 ELSE 0 END
        + CASE WHEN guarantee_bits > 0 THEN 128 ELSE 0 END
        + CASE WHEN guarantees_unanswered > 0 THEN 256 ELSE 0 END
        + CASE WHEN negative_bits > 0 THEN 512 ELSE 0 END AS rule_bits,
        CASE WHEN persons > 0 AND net_income >= line AND (net_income - line) * 10 <= line THEN
          CASE household_type WHEN 'lifted' THEN 16 WHEN 'ordinary' THEN 32 ELSE 0 END ELSE 0 END AS near_bits,
        CASE WHEN persons > 0 AND net_income BETWEEN line AND line * 2 AND household_type IN ('lifted', 'ordinary')
          THEN (net_income - line) * 1000 / line END AS margin
      FROM (
        SELECT facts.id, facts.household_id, facts.village_id, facts.visited_on, facts.household_type,
          {persons} AS persons, {persons} * 500000 AS line, facts.net_income, facts.disposable_income,
          facts.risk_bits, facts.guarantee_bits, facts.guarantees_unanswered, facts.negative_bits,
          designated.household_id IS NOT NULL AS designated
        FROM households_facts facts
          JOIN accounts_region village ON village.id = facts.village_id
          {members}
          LEFT JOIN (
            SELECT household_id FROM monitoring_case
            WHERE decided_on <= %(on)s AND (removed_on IS NULL OR removed_on > %(on)s)
              AND stage NOT IN ('refused', 'closed')
            GROUP BY household_id
          ) designated ON designated.household_id = facts.household_id
        WHERE village.path >= %(start)s AND village.path < %(end)s
          AND facts.begins_on <= %(on)s AND (facts.replaced_on IS NULL OR facts.replaced_on > %(on)s)
          AND facts.visited_on <= %(on)s AND facts.visited_on > %(on)s::date - interval '12 months'
        OFFSET 0
      ) known
      OFFSET 0
    ) compared
    OFFSET 0
  ) counted
  OFFSET 0
) concluded
