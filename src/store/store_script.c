/* SPDX-License-Identifier: MIT */
#include "store/store_script.h"

#include "store/store_wire.h"

/* clang-format off */

#define BEGIN \
    "#!lua\n" \
    "local function other_epoch()\n" \
    "  return ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1]\n" \
    "end\n" \
    "if other_epoch() then return {1} end\n"

/*
 * Arguments: now; the prefixes of a grant's two lists, of a person's visits and sessions; the list
 * of goodbyes; the prefix of what says that a session ended; then for each step: kind, which change
 * it belongs to, life, value, extra. Two keys a step: the thing and the list it stands in. First
 * everything is looked at, then everything is done: nothing is done by halves. Kinds: the enum of
 * store_plan.h.
 */
static const char commit[] = BEGIN
    "local now, ended, ended_grants = tonumber(ARGV[2]), 0, 0\n"
    "local number = string.sub(redis.call('GET', KEYS[1]) or '', 42, 49)\n"
    "local spent = {}\n"
    "local function step(i)\n"
    "  local a = 5 * i + 4\n"
    "  return tonumber(ARGV[a]), KEYS[2 * i], KEYS[2 * i + 1], tonumber(ARGV[a + 1]),\n"
    "    tonumber(ARGV[a + 2]), ARGV[a + 3], tonumber(ARGV[a + 4])\n"
    "end\n"
    /* What is of another version, another epoch or cut short does not stand there. */
    "local function revision(key, any_epoch)\n"
    "  local v = redis.call('GET', key)\n"
    "  if not v or #v < 13 or string.byte(v) ~= 1 then return nil end\n"
    "  if not any_epoch and string.sub(v, 6, 13) ~= number then return nil end\n"
    "  return (struct.unpack('>I4', v, 2))\n"
    "end\n"
    "local function is_elsewhere(kind, key, extra)\n"
    "  if kind == 1 then return (revision(key) or 0) ~= extra end\n"
    "  if kind == 9 then return revision(key, true) ~= extra end\n"
    "  if kind == 16 then return redis.call('EXISTS', key) == 1 end\n"
    "  if kind == 18 then return redis.call('EXISTS', key) == 0 end\n"
    "  return kind == 10 and revision(key) ~= extra\n"
    "end\n"
    "local function begun_at(key)\n"
    "  local v = redis.call('GET', key)\n"
    "  if not v or #v < 9 then return 0 end\n"
    "  return (struct.unpack('>i8', v, 2))\n"
    "end\n"
    "local function enlist(key, name, life, ends)\n"
    "  redis.call('ZREMRANGEBYSCORE', name, '-inf', now)\n"
    "  redis.call('ZADD', name, ends, key)\n"
    "  local left = math.max(ends - now, life)\n"
    "  if redis.call('TTL', name) < left then redis.call('EXPIRE', name, left) end\n"
    "end\n"
    "local function end_all(name, keep, before)\n"
    "  local count = 0\n"
    "  for _, key in ipairs(redis.call('ZRANGE', name, 0, -1)) do\n"
    "    if key ~= keep and (before == 0 or begun_at(key) <= before) then\n"
    "      count = count + redis.call('DEL', key)\n"
    "      redis.call('ZREM', name, key)\n"
    "    end\n"
    "  end\n"
    "  return count\n"
    "end\n";

/* What commit does with grants; its second piece. */
static const char commit_grants[] =
    /* A grant, or nothing when it could not be read to its session's name. */
    "local function text(v, at)\n"
    "  local high, low = string.byte(v, at, at + 1)\n"
    "  if not low then return '', at end\n"
    "  local till = at + 1 + high * 256 + low\n"
    "  return string.sub(v, at + 2, till), till + 1\n"
    "end\n"
    "local function grant(key)\n"
    "  local v = redis.call('GET', key)\n"
    "  if not v or #v < 26 or string.byte(v) ~= 1 then return nil end\n"
    "  local person, at = text(v, 23)\n"
    "  local sid, client, sub\n"
    "  sid, at = text(v, at)\n"
    "  client, at = text(v, at)\n"
    "  sub = text(v, at)\n"
    "  return {at = struct.unpack('>i8', v, 14), offline = string.byte(v, 22) == 1,\n"
    "    person = person, sid = sid, client = client, sub = sub}\n"
    "end\n"
    "local function end_grant(key)\n"
    "  local g = grant(key)\n"
    "  if g then\n"
    "    redis.call('ZREM', ARGV[3] .. g.person, key)\n"
    "    redis.call('ZREM', ARGV[4] .. g.sid, key)\n"
    "  end\n"
    "  return redis.call('DEL', key)\n"
    "end\n"
    /* What a session gave and nobody has fetched yet is worth nothing once it ended. */
    "local function note_end(sid)\n"
    "  if sid ~= '' then redis.call('SET', ARGV[8] .. sid, '', 'EX', 900) end\n"
    "end\n"
    "local function end_session(name)\n"
    "  local count = 0\n"
    "  note_end(string.sub(name, #ARGV[4] + 1))\n"
    "  for _, key in ipairs(redis.call('ZRANGE', name, 0, -1)) do\n"
    "    local g = grant(key)\n"
    "    if not g or not g.offline then count = count + end_grant(key) end\n"
    "  end\n"
    "  redis.call('DEL', name)\n"
    "  return count\n"
    "end\n"
    "local function end_grants(name, sid, before)\n"
    "  local count = 0\n"
    "  for _, key in ipairs(redis.call('ZRANGE', name, 0, -1)) do\n"
    "    local g = grant(key)\n"
    "    local later = g and before ~= 0 and g.at > before\n"
    "    local kept = g and sid ~= '' and g.sid == sid and not g.offline\n"
    "    if not later and not kept then\n"
    "      count = count + end_grant(key)\n"
    "      redis.call('ZREM', name, key)\n"
    "    end\n"
    "  end\n"
    "  return count\n"
    "end\n"
    /* Past that many of one person those that end first end now. */
    "local function enlist_grant(key, name, life, ends)\n"
    "  enlist(key, name, life, ends)\n"
    "  for _, old in ipairs(redis.call('ZRANGE', name, 0, -501)) do\n"
    "    if old ~= key then\n"
    "      end_grant(old)\n"
    "      redis.call('ZREM', name, old)\n"
    "    end\n"
    "  end\n"
    "end\n";

/* What it does with where people are signed in, and whom to tell when they are not any more. */
static const char commit_visits[] =
    /* Of a session: what it is called, and whose it is. */
    "local function session(key)\n"
    "  local v = redis.call('GET', key)\n"
    "  if not v or string.byte(v) ~= 2 then return '', '' end\n"
    "  local person, at = text(v, 42)\n"
    "  local sid\n"
    "  for _ = 1, 7 do sid, at = text(v, at) end\n"
    "  return sid, person\n"
    "end\n"
    "local function till(name, ends)\n"
    "  if redis.call('TTL', name) < ends - now then redis.call('EXPIRE', name, ends - now) end\n"
    "end\n"
    "local function hold(holders, name, member, ends)\n"
    "  redis.call('ZADD', holders, 'GT', ends, string.sub(name, #ARGV[5] + 1))\n"
    "  redis.call('ZREMRANGEBYSCORE', holders, '-inf', now)\n"
    "  till(holders, ends)\n"
    "  if member == '' then return end\n"
    "  redis.call('ZREMRANGEBYSCORE', name, '-inf', now)\n"
    "  redis.call('ZADD', name, 'GT', ends, member)\n"
    "  redis.call('ZREMRANGEBYRANK', name, 0, -301)\n"
    "  till(name, ends)\n"
    "end\n"
    "local function tell(goodbyes, member)\n"
    "  redis.call('ZADD', goodbyes, now, member)\n"
    "  redis.call('ZREMRANGEBYRANK', goodbyes, 0, -100001)\n"
    "  redis.call('EXPIRE', goodbyes, 86400)\n"
    "end\n"
    /* is_only: those of that session; else all but those. */
    "local function leave(goodbyes, name, sid, is_only)\n"
    "  for _, member in ipairs(redis.call('ZRANGE', name, 0, -1)) do\n"
    "    if (string.match(member, '^[^ ]*') == sid) == is_only then\n"
    "      tell(goodbyes, member)\n"
    "      redis.call('ZREM', name, member)\n"
    "    end\n"
    "  end\n"
    "end\n"
    /* The application that holds the grant, when it came from a session. */
    "local function leave_one(goodbyes, key)\n"
    "  local g = grant(key)\n"
    "  if not g or g.sid == '' then return end\n"
    "  local member = g.sid .. ' ' .. g.client .. ' ' .. g.sub\n"
    "  tell(goodbyes, member)\n"
    "  redis.call('ZREM', ARGV[5] .. g.person, member)\n"
    "end\n"
    "local function end_one(key, name, kept)\n"
    "  local sid, person = session(key)\n"
    "  redis.call('DEL', key)\n"
    "  redis.call('ZREM', name, key)\n"
    "  if sid == '' or sid == kept then return 0 end\n"
    "  redis.call('ZREM', ARGV[6] .. person, key)\n"
    "  leave(ARGV[7], ARGV[5] .. person, sid, true)\n"
    "  return end_session(ARGV[4] .. sid)\n"
    "end\n"
    "local function note_all(name, keep, before)\n"
    "  for _, key in ipairs(redis.call('ZRANGE', name, 0, -1)) do\n"
    "    if key ~= keep and (before == 0 or begun_at(key) <= before) then\n"
    "      note_end((session(key)))\n"
    "    end\n"
    "  end\n"
    "end\n"
    "local function end_others(name, keep, sid, before)\n"
    "  if sid == '' and keep ~= '' then sid = session(keep) end\n"
    /* A revocation told again after a loss was told to applications when it happened. */
    "  if before == 0 then\n"
    "    leave(ARGV[7], ARGV[5] .. string.sub(name, #ARGV[3] + 1), sid, false)\n"
    "  end\n"
    "  return end_grants(name, sid, before)\n"
    "end\n";

/* And its last. */
static const char commit_steps[] =
    "local count = (#KEYS - 1) / 2\n"
    "for i = 1, count do\n"
    "  local kind, key, name, at, _, value, extra = step(i)\n"
    "  if is_elsewhere(kind, key, extra) then return {2, at} end\n"
    "  if kind == 4 then\n"
    "    if spent[key] or redis.call('EXISTS', key) == 1 then return {3, at} end\n"
    "    spent[key] = true\n"
    "  end\n"
    "  if kind == 17 and (tonumber(redis.call('GET', key)) or 0) + value > extra then\n"
    "    return {4, at}\n"
    "  end\n"
    "  if name ~= '' then redis.call('ZCARD', name) end\n"
    "end\n"
    "for i = 1, count do\n"
    "  local kind, key, name, _, life, value, extra = step(i)\n"
    "  if kind == 1 or kind == 2 or kind == 4 or kind == 9 or kind == 10 then\n"
    "    redis.call('SET', key, value, 'EX', life)\n"
    "  elseif kind == 3 then redis.call('DEL', key)\n"
    "  elseif kind == 5 then\n"
    "    redis.call('SET', key, value, 'EX', life)\n"
    "    enlist(key, name, life, extra)\n"
    "  elseif kind == 6 then ended_grants = ended_grants + end_one(key, name, value)\n"
    "  elseif kind == 7 then\n"
    "    note_all(name, key, extra)\n"
    "    ended = ended + end_all(name, key, extra)\n"
    "  elseif kind == 8 then end_all(name, key, extra)\n"
    "  elseif kind == 11 then enlist_grant(key, name, life, extra)\n"
    "  elseif kind == 12 then\n"
    "    if extra == 0 then leave_one(ARGV[7], key) end\n"
    "    ended_grants = ended_grants + end_grant(key)\n"
    "  elseif kind == 20 and (revision(key, true) or extra) < extra then\n"
    "    ended_grants = ended_grants + end_grant(key)\n"
    "  elseif kind == 13 then\n"
    "    for _, each in ipairs(redis.call('ZRANGE', name, 0, -1)) do leave_one(ARGV[7], each) end\n"
    "    ended_grants = ended_grants + end_session(name)\n"
    "  elseif kind == 14 then ended_grants = ended_grants + end_others(name, key, value, extra)\n"
    "  elseif kind == 15 then hold(key, name, value, extra)\n"
    "  elseif kind == 19 then enlist(key, name, life, extra)\n"
    "  elseif kind == 17 then\n"
    "    if redis.call('INCRBY', key, value) == tonumber(value) then\n"
    "      redis.call('EXPIRE', key, life)\n"
    "    end\n"
    "  end\n"
    "end\n"
    "return {0, 0, ended, ended_grants}\n";

/* Arguments: what stands there, what shall stand there, life. */
static const char touch[] = BEGIN
    "if redis.call('GET', KEYS[2]) == ARGV[2] then\n"
    "  redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])\n"
    "end\n"
    "return {0}\n";

/* Argument: how many at most. Answers key and record in turns. */
static const char sessions[] = BEGIN
    "local found = {0}\n"
    "for _, key in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, tonumber(ARGV[2]) - 1)) do\n"
    "  local record = redis.call('GET', key)\n"
    "  if record then\n"
    "    found[#found + 1] = key\n"
    "    found[#found + 1] = record\n"
    "  end\n"
    "end\n"
    "return found\n";

/* Argument: how many at most. Answers key and head of the record, to its fourth text, in turns. */
static const char grants[] = BEGIN
    "local found = {0}\n"
    "local function head(v)\n"
    "  local at = 23\n"
    "  for _ = 1, 4 do\n"
    "    local high, low = string.byte(v, at, at + 1)\n"
    "    at = at + 2 + (low and high * 256 + low or 0)\n"
    "  end\n"
    "  return string.sub(v, 1, at - 1)\n"
    "end\n"
    "for _, key in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, tonumber(ARGV[2]) - 1)) do\n"
    "  local record = redis.call('GET', key)\n"
    "  if record then\n"
    "    found[#found + 1] = key\n"
    "    found[#found + 1] = head(record)\n"
    "  end\n"
    "end\n"
    "return found\n";

/* Key: what people typed. Argument: a device's prefix. Answers its digest and its record. */
static const char device[] = BEGIN
    "local digest = redis.call('GET', KEYS[2])\n"
    "local record = digest and redis.call('GET', ARGV[2] .. digest)\n"
    "if not record then return {0} end\n"
    "return {0, digest, record}\n";

/* Arguments: from which place to which. */
static const char range[] = BEGIN
    "local found = redis.call('ZRANGE', KEYS[2], ARGV[2], ARGV[3])\n"
    "table.insert(found, 1, 0)\n"
    "return found\n";

/* Arguments: now, until when nobody else is given them, how many at most. */
static const char goodbyes[] = BEGIN
    "local found = {0}\n"
    "local due = redis.call('ZRANGE', KEYS[2], '-inf', ARGV[2], 'BYSCORE', 'LIMIT', 0, ARGV[4])\n"
    "for _, member in ipairs(due) do\n"
    "  redis.call('ZADD', KEYS[2], ARGV[3], member)\n"
    "  found[#found + 1] = member\n"
    "end\n"
    "return found\n";

static const char goodbye_end[] = BEGIN
    "redis.call('ZREM', KEYS[2], ARGV[2])\n"
    "return {0}\n";

/*
 * Keys: tries, lock. The tries are a hash: digest of an answer → 'w' when it was found wrong, or
 * how many are being tried with it now. A lock is from and until, 8 bytes each.
 * Answer: locked, known to be wrong, from, until, wrong count.
 */
#define TRY \
    BEGIN \
    "local tries, lock, answer = KEYS[2], KEYS[3], ARGV[2]\n" \
    "local now, limit = tonumber(ARGV[3]), tonumber(ARGV[4])\n" \
    "local window, lock_s = tonumber(ARGV[5]), tonumber(ARGV[6])\n" \
    "local function wrong_count()\n" \
    "  local count = 0\n" \
    "  for _, state in ipairs(redis.call('HVALS', tries)) do\n" \
    "    if state == 'w' then count = count + 1 end\n" \
    "  end\n" \
    "  return count\n" \
    "end\n" \
    "local function answer_locked(known)\n" \
    "  local value = redis.call('GET', lock)\n" \
    "  if not value then return nil end\n" \
    "  local from, till = struct.unpack('>i8i8', value)\n" \
    "  return {0, 1, known, from, till, wrong_count()}\n" \
    "end\n" \
    "local function lock_now()\n" \
    "  redis.call('EXPIRE', tries, lock_s)\n" \
    "  redis.call('SET', lock, struct.pack('>i8i8', now, now + lock_s), 'EX', lock_s)\n" \
    "end\n"

/* The tries never outlive their lock: after it all of the limit is there again. */
static const char try_begin[] = TRY
    "local state = redis.call('HGET', tries, answer)\n"
    "local known = state == 'w' and 1 or 0\n"
    "local locked = answer_locked(known)\n"
    "if locked then return locked end\n"
    "local wrong = wrong_count()\n"
    "if known == 1 and wrong < limit then return {0, 0, 1, 0, 0, wrong} end\n"
    "if wrong >= limit then\n"
    "  lock_now()\n"
    "  return answer_locked(known)\n"
    "end\n"
    /* All places are taken by tries that have not ended. */
    "if not state and redis.call('HLEN', tries) >= limit then\n"
    "  return {0, 1, 0, now, now + lock_s, wrong}\n"
    "end\n"
    "redis.call('HINCRBY', tries, answer, 1)\n"
    "redis.call('EXPIRE', tries, window)\n"
    "return {0, 0, 0, 0, 0, wrong + 1}\n";

/* Key 4: the address. Argument 7: enum store_try_outcome; 8: life of the address's count. */
static const char try_end[] = TRY
    "local outcome = tonumber(ARGV[7])\n"
    "local state = redis.call('HGET', tries, answer)\n"
    "if outcome == 1 then\n"
    "  redis.call('HSET', tries, answer, 'w')\n"
    "  if redis.call('TTL', tries) < 0 then redis.call('EXPIRE', tries, window) end\n"
    "  if redis.call('INCR', KEYS[4]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[8]) end\n"
    "  if redis.call('EXISTS', lock) == 0 and wrong_count() >= limit then lock_now() end\n"
    "elseif outcome == 2 then redis.call('HDEL', tries, answer)\n"
    "elseif state and state ~= 'w' and redis.call('HINCRBY', tries, answer, -1) <= 0 then\n"
    "  redis.call('HDEL', tries, answer)\n"
    "end\n"
    "return answer_locked(0) or {0, 0, 0, 0, 0, wrong_count()}\n";

/* Arguments: the value that was seen ('': none), the new one. Answers what stands there now. */
static const char epoch[] = "#!lua\n"
    "local now = redis.call('GET', KEYS[1]) or ''\n"
    "if now == ARGV[2] then\n"
    "  redis.call('SET', KEYS[1], ARGV[3])\n"
    "  return {0, ARGV[3]}\n"
    "end\n"
    "return {0, now}\n";

/* clang-format on */
#define PIECES_MAX 4

void
store_script_text_write(struct lk_buf *out, enum store_script script)
{
	static const char *const texts[STORE_SCRIPT_COUNT][PIECES_MAX] = {
	    [STORE_SCRIPT_COMMIT] = {commit, commit_grants, commit_visits, commit_steps},
	    [STORE_SCRIPT_TOUCH] = {touch},
	    [STORE_SCRIPT_SESSIONS] = {sessions},
	    [STORE_SCRIPT_TRY_BEGIN] = {try_begin},
	    [STORE_SCRIPT_TRY_END] = {try_end},
	    [STORE_SCRIPT_EPOCH] = {epoch},
	    [STORE_SCRIPT_GRANTS] = {grants},
	    [STORE_SCRIPT_DEVICE] = {device},
	    [STORE_SCRIPT_RANGE] = {range},
	    [STORE_SCRIPT_GOODBYES] = {goodbyes},
	    [STORE_SCRIPT_GOODBYE_END] = {goodbye_end},
	};
	LK_AUTO_BUF whole;

	lk_buf_init(&whole, STORE_SEND_MAX_BYTES);
	for (size_t i = 0; i < PIECES_MAX && texts[script][i] != NULL; i++)
		lk_buf_add_c(&whole, texts[script][i]);
	store_wire_str(out, lk_buf_str(&whole));
}
