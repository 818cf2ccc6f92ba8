-- Rules watch over lots beyond the season, and yields are reckoned anew: every lot that ever moved and every season (kind 6) is due once.
INSERT INTO judge_due (org, subject) SELECT DISTINCT org, lot FROM stock_move WHERE lot <> '' ON CONFLICT (org, subject) DO NOTHING;
INSERT INTO judge_due (org, subject) SELECT DISTINCT org, canonical FROM thing WHERE kind = 6 ON CONFLICT (org, subject) DO NOTHING;
