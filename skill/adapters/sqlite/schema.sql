-- The embedded store. Each "-- step N" takes a database from user_version N-1 to N, in one transaction; a new database runs
-- them all. A step that has been released is never edited: changes go into a new one at the end.
--
-- Times are UTC as ISO 8601 with microseconds, so that they sort as text. Amounts are whole minor units. Tables that turns
-- append to keep their hidden rowid: rows written together lie together, and a commit touches few pages. What every order writes is
-- checked by OR, for which SQLite builds no list anew at each row, as it does for IN.

-- step 1

CREATE TABLE households (
  household_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  address TEXT NOT NULL,
  email TEXT NOT NULL,
  created_at TEXT NOT NULL,
  time_zone_before TEXT NOT NULL,
  time_zone_since TEXT,
  code_hash TEXT,                                   -- argon2id, its parameters in it; null where no code is set
  code_epoch INTEGER NOT NULL DEFAULT 0,            -- counts the codes set, so that a check of an old one proves nothing
  code_wrong INTEGER NOT NULL DEFAULT 0 CHECK (code_wrong BETWEEN 0 AND 3),  -- attempts counted since the last right one
  code_generation INTEGER NOT NULL DEFAULT 0 CHECK (code_generation >= 0),
  CHECK (time_zone_since IS NULL OR time_zone_before <> '')
) STRICT, WITHOUT ROWID;

CREATE TABLE code_attempts (
  platform TEXT NOT NULL,
  request_id TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  household_id TEXT NOT NULL,
  code_epoch INTEGER NOT NULL,
  counted_at TEXT NOT NULL,
  verdict INTEGER CHECK (verdict IN (0, 1)),        -- null while it is being checked
  UNIQUE (platform, request_id)
) STRICT;
CREATE INDEX code_attempts_of_household ON code_attempts (household_id, counted_at);

CREATE TABLE links (
  platform TEXT NOT NULL,
  user TEXT NOT NULL,
  household_id TEXT NOT NULL,
  linked_at TEXT NOT NULL,
  PRIMARY KEY (platform, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_of_household ON links (household_id);

CREATE TABLE policies (
  level TEXT NOT NULL CHECK (level IN ('store', 'household', 'profile', 'person')),
  subject TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  knobs TEXT NOT NULL,
  PRIMARY KEY (level, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_changes (
  level TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at TEXT NOT NULL,
  old TEXT NOT NULL,
  new TEXT NOT NULL,
  UNIQUE (level, subject, version)
) STRICT;

CREATE TABLE sessions (
  owner TEXT NOT NULL,
  session TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  state TEXT NOT NULL,
  written_at TEXT NOT NULL,
  UNIQUE (owner, session)
) STRICT;

CREATE TABLE answers (
  platform TEXT NOT NULL,
  request_id TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  written_at TEXT NOT NULL,
  UNIQUE (platform, request_id)
) STRICT;

CREATE TABLE carts (
  owner TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version > 0),
  lines TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE inventory (
  sku TEXT PRIMARY KEY,
  price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
  on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
  reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  listed INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1))  -- 0: gone from the feed, kept for what is reserved
) STRICT, WITHOUT ROWID;

-- One row: amounts in `windows` carry no currency, so a ledger has one for good.
CREATE TABLE ledger (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  currency TEXT NOT NULL
) STRICT;

CREATE TABLE windows (
  household_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  window TEXT NOT NULL,
  key TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
  orders INTEGER NOT NULL CHECK (orders >= 0),
  PRIMARY KEY (household_id, scope, window, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
  order_id TEXT PRIMARY KEY,
  household_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (
    state = 'reserved' OR state = 'committed' OR state = 'shipped' OR state = 'cancelled' OR state = 'voided'
  ),
  consent_id TEXT NOT NULL UNIQUE,
  store TEXT NOT NULL,
  seller TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_minor INTEGER NOT NULL CHECK (total_minor >= 0),
  delivery_minor INTEGER NOT NULL CHECK (delivery_minor >= 0),
  tax_minor INTEGER NOT NULL CHECK (tax_minor >= 0),
  discount_minor INTEGER NOT NULL CHECK (discount_minor >= 0),
  lines TEXT NOT NULL,
  address TEXT NOT NULL,
  platform TEXT NOT NULL,
  person TEXT,
  code_proved INTEGER NOT NULL CHECK (code_proved BETWEEN 0 AND 1),
  charges TEXT NOT NULL,                            -- the windows, as they were when the money was reserved
  reserved_at TEXT NOT NULL,
  reserve_deadline TEXT NOT NULL,
  undo_window_s INTEGER NOT NULL CHECK (undo_window_s >= 0),
  placed_at TEXT,
  undo_until TEXT,
  closed_at TEXT,
  payment TEXT NOT NULL,
  payment_state TEXT NOT NULL,
  note TEXT NOT NULL,
  CHECK ((placed_at IS NULL) = (state = 'reserved' OR state = 'voided')),
  CHECK ((closed_at IS NULL) = (state = 'reserved' OR state = 'committed'))
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_of_household ON orders (household_id, order_id);
CREATE INDEX orders_reserved ON orders (reserve_deadline) WHERE state = 'reserved';

-- What the shop must hear. The body of an event is made from its order when it is sent.
CREATE TABLE outbox (
  order_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  kind TEXT NOT NULL CHECK (kind = 'order.placed' OR kind = 'order.cancelled'),
  at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state = 'pending' OR state = 'delivered' OR state = 'dead'),
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  next_at TEXT NOT NULL,
  delivered_at TEXT,
  PRIMARY KEY (order_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_undelivered ON outbox (state, next_at) WHERE state <> 'delivered';

CREATE TABLE audit (
  household_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  order_id TEXT,
  facts TEXT NOT NULL,
  personal BLOB NOT NULL,                           -- encrypted under the household's own key; empty where there is nothing
  seal TEXT NOT NULL,
  UNIQUE (household_id, number)
) STRICT;

-- What the demonstration's payment provider remembers: it stands for somebody else's database.
CREATE TABLE demo_payments (
  order_id TEXT PRIMARY KEY,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  reference TEXT NOT NULL,
  refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded IN (0, 1))
) STRICT, WITHOUT ROWID;

-- step 2

CREATE TABLE approvals (
  approval_id TEXT PRIMARY KEY,
  household_id TEXT NOT NULL,
  quote TEXT NOT NULL,
  asked_at TEXT NOT NULL,
  lapses_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'lapsed', 'changed')),
  decided_at TEXT,
  decided_by TEXT NOT NULL,
  order_id TEXT,
  told INTEGER NOT NULL CHECK (told IN (0, 1)),
  CHECK ((decided_at IS NULL) = (state = 'open'))
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_of_household ON approvals (household_id, asked_at);

CREATE TABLE burst_phrases (
  phrase TEXT NOT NULL,                             -- a digest of the basket
  household_id TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (phrase, household_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX burst_phrases_by_time ON burst_phrases (at);

CREATE TABLE bursts (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  until TEXT NOT NULL
) STRICT;
CREATE INDEX orders_unrefunded ON orders (closed_at) WHERE state = 'cancelled' AND payment_state <> 'refunded';

-- step 3

-- The caps that were in force when money was last reserved: what a window holds can pass them in no transaction, whatever the
-- code around it does.
ALTER TABLE windows ADD COLUMN amount_max INTEGER CHECK (amount_max IS NULL OR amount_minor <= amount_max);
ALTER TABLE windows ADD COLUMN orders_max INTEGER CHECK (orders_max IS NULL OR orders <= orders_max);

-- step 4

CREATE TABLE pairings (
  platform TEXT NOT NULL,
  user TEXT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  until TEXT NOT NULL,
  PRIMARY KEY (platform, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX pairings_by_time ON pairings (until);

-- Wrong codes that a household has tried, for as long as they count.
CREATE TABLE pairing_tries (
  household_id TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX pairing_tries_of_household ON pairing_tries (household_id, at);

-- What a platform's account allows the store: JSON, as the platform last told.
CREATE TABLE account_grants (
  platform TEXT NOT NULL,
  user TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('permissions', 'subscriptions')),
  granted TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (platform, user, what)
) STRICT, WITHOUT ROWID;

-- step 5

-- Who may open the pages. Links and sessions lie here as digests: whoever reads the file can use none of them.
CREATE TABLE page_accounts (
  account_id TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('owner', 'parent')),
  household_id TEXT,
  sign_in TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at TEXT NOT NULL,
  passphrase_hash TEXT NOT NULL,
  generation INTEGER NOT NULL,
  CHECK ((household_id IS NULL) = (role = 'owner'))
) STRICT, WITHOUT ROWID;
CREATE INDEX page_accounts_of_household ON page_accounts (role, household_id);

CREATE TABLE page_offers (
  digest TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('owner', 'parent')),
  household_id TEXT,
  until TEXT NOT NULL,
  slot TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE page_sessions (
  digest TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  opened_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  proved_at TEXT NOT NULL,
  until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX page_sessions_by_time ON page_sessions (until);

-- Tries at passphrases, for as long as they count.
CREATE TABLE page_tries (
  subject TEXT NOT NULL,
  at TEXT NOT NULL,
  until TEXT NOT NULL
) STRICT;
CREATE INDEX page_tries_of_subject ON page_tries (subject, at);
CREATE INDEX page_tries_by_time ON page_tries (until);

-- step 6

-- What a turn was, for the store's figures: the marks of skill/shop/figures.py, how long its answer took, and what was looked
-- for in vain. It goes when the answer goes.
ALTER TABLE answers ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN took_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN sought TEXT NOT NULL DEFAULT '';

-- How far the answers and the audit trail have been counted: the rowid of the last row.
CREATE TABLE figures_read (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  answers_row INTEGER NOT NULL,
  audit_row INTEGER NOT NULL
) STRICT;
INSERT INTO figures_read (one, answers_row, audit_row) VALUES (1, 0, 0);

-- Counts by their names, as JSON: of a day, of the households that began in a month, and of all.
CREATE TABLE figures (
  document TEXT PRIMARY KEY,
  counts TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE figures_of_households (
  household_id TEXT PRIMARY KEY,
  kept INTEGER NOT NULL CHECK (kept >= 0),
  revenue_minor INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  first_at TEXT,
  last_at TEXT,
  refusals TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE figures_unmet (
  words TEXT PRIMARY KEY,
  count INTEGER NOT NULL CHECK (count > 0),
  last_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX figures_unmet_by_count ON figures_unmet (count);

-- step 7

-- Which master key the rest was written with, as a digest that only that key gives: another one is not taken for it.
CREATE TABLE keys_known (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  digest TEXT NOT NULL
) STRICT;

-- step 8

-- What households are still to be told of their orders. What a notice says is made from its order when it is handed on.
CREATE TABLE notices (
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at TEXT NOT NULL,
  PRIMARY KEY (order_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_by_time ON notices (next_at);

-- step 9

-- How often the payment provider was asked in vain, and when it is asked next.
ALTER TABLE orders ADD COLUMN asks INTEGER NOT NULL DEFAULT 0 CHECK (asks >= 0);
ALTER TABLE orders ADD COLUMN ask_at TEXT;

-- step 10

-- A household's orders by the time they were bought: an id is of the clock as it was when the money was reserved.
CREATE INDEX orders_by_time ON orders (household_id, coalesce(placed_at, reserved_at), order_id);
