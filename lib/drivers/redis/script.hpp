#pragma once

namespace tollgate::redis_driver {

// Applies a batch: KEYS[1] is the prefix of all keys, ARGV[1] the batch. Gives the answer's text,
// or an error reply for what is no batch.
//
// Keys, all behind one prefix:
//   :i:INSTANCE  hash: batch and reply of the last batch applied
//   :instances   sorted set: when each instance wrote last
//   :h:INSTANCE  hash: what it holds open, "RESERVATION COUNTER" to amount
//   :t:INSTANCE  set: counters it has a share of
//   :c:COUNTER   hash: settled, overrun, reserved; the same behind "INSTANCE " for its share
//   :z:COUNTER   sorted set: hits of a sliding window by time; :a:COUNTER their amounts and sums
//   :counters    set: counters of calendar windows
//   :entries     stream: what was booked
// The clock of sliding windows is Redis's own, so that those of the gateways need not agree.
inline constexpr const char* kApplyScript = R"lua(
local root, silent_ms, kept_ms = KEYS[1], 30000, 34560000000
local ok, batch = pcall(cjson.decode, ARGV[1])
if not ok or type(batch) ~= 'table' or type(batch.instance) ~= 'string' or batch.instance == ''
    or type(batch.batch) ~= 'number' or batch.batch < 1 then
  return redis.error_reply('BATCH the batch is not one')
end
local me, time = batch.instance, redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = redis.call('HMGET', root .. ':i:' .. me, 'batch', 'reply')
if last[1] and tonumber(last[1]) == batch.batch then return last[2] end
if last[1] and tonumber(last[1]) > batch.batch then
  return redis.error_reply('BATCH older than the last one')
end

local function int(number) return string.format('%.0f', number) end
local function add(key, field, amount)
  if amount ~= 0 then redis.call('HINCRBY', key, field, int(amount)) end
end
local function get(key, field) return tonumber(redis.call('HGET', key, field) or '0') end

local function name_of(e)
  return cjson.encode({e.rule, e.entity or '', e.measure, e.period, int(e.start or 0),
                       int(e['end'] or -1), int(e.slides_ms or 0)})
end
local told, told_order = {}, {}
local function tell(name, wanted, limit)
  if not told[name] then
    told[name] = {0, 0}
    told_order[#told_order + 1] = name
  end
  if wanted and wanted > told[name][1] then told[name] = {wanted, limit} end
end

local function book(name, instance, settled, overrun, reserved)
  local key = root .. ':c:' .. name
  add(key, 'settled', settled)
  add(key, 'overrun', overrun)
  add(key, 'reserved', reserved)
  for _, field in ipairs({'settled', 'overrun'}) do
    if get(key, field) < 0 then redis.call('HSET', key, field, '0') end
  end
  if not instance then return end
  add(key, instance .. ' settled', settled)
  add(key, instance .. ' overrun', overrun)
  add(key, instance .. ' reserved', reserved)
  redis.call('SADD', root .. ':t:' .. instance, name)
  if redis.call('SADD', root .. ':counters', name) == 1 then
    local ends = tonumber(cjson.decode(name)[6])
    if ends > 0 then redis.call('PEXPIREAT', key, int(ends + kept_ms)) end
  end
end
local function log(instance, kind, reservation, name, amount, overrun, note)
  redis.call('XADD', root .. ':entries', 'MAXLEN', '~', '1000000', '*', 'instance', instance,
             'kind', kind, 'reservation', reservation, 'counter', name, 'amount', int(amount),
             'overrun', int(overrun), 'note', note)
end

local function hit_sum(name, slides_ms, field)
  local hits, amounts = root .. ':z:' .. name, root .. ':a:' .. name
  local gone = redis.call('ZRANGEBYSCORE', hits, '-inf', int(now - slides_ms))
  for _, hit in ipairs(gone) do
    local amount = get(amounts, hit)
    add(amounts, '+', -amount)
    add(amounts, '+ ' .. string.match(hit, '^(%S+) '), -amount)
    redis.call('HDEL', amounts, hit)
    redis.call('ZREM', hits, hit)
  end
  return get(amounts, field)
end
local function set_hit(name, slides_ms, instance, reservation, amount, fresh)
  local hits, amounts = root .. ':z:' .. name, root .. ':a:' .. name
  local hit = instance .. ' ' .. reservation
  if fresh then
    redis.call('ZADD', hits, int(now), hit)
  elseif not redis.call('ZSCORE', hits, hit) then
    return
  end
  local change = amount - get(amounts, hit)
  redis.call('HSET', amounts, hit, int(amount))
  add(amounts, '+', change)
  add(amounts, '+ ' .. instance, change)
  redis.call('PEXPIRE', hits, int(2 * slides_ms))
  redis.call('PEXPIRE', amounts, int(2 * slides_ms))
end

local function fits(e, name)
  if not e.limit then return true end
  local used
  if e.slides_ms then
    used = hit_sum(name, e.slides_ms, '+')
  else
    local key = root .. ':c:' .. name
    used = get(key, 'settled') + get(key, 'overrun') + get(key, 'reserved')
  end
  if e.amount <= e.limit - used then return true end
  tell(name, e.amount, e.limit)
  return false
end

local holds = root .. ':h:' .. me
local function reserve(from, to)
  local room = true
  for at = from, to do
    local e = batch.entries[at]
    local name = name_of(e)
    tell(name)
    room = fits(e, name) and room
  end
  if not room then return false end
  for at = from, to do
    local e = batch.entries[at]
    local name = name_of(e)
    redis.call('HSET', holds, e.reservation .. ' ' .. name, int(e.amount))
    if e.slides_ms then
      set_hit(name, e.slides_ms, me, e.reservation, e.amount, true)
    else
      book(name, me, 0, 0, e.amount)
    end
  end
  return true
end

local function resolve(e)
  local name = name_of(e)
  tell(name)
  local field = e.reservation .. ' ' .. name
  local held = redis.call('HGET', holds, field)
  if not held then return end
  redis.call('HDEL', holds, field)
  if e.slides_ms then
    set_hit(name, e.slides_ms, me, e.reservation, e.amount, false)
  elseif e.measure == 'slots' then
    book(name, me, 0, 0, -tonumber(held))
  else
    book(name, me, e.amount, e.overrun or 0, -tonumber(held))
    if e.kind ~= 'release' then
      log(me, e.kind, e.reservation, name, e.amount, e.overrun or 0, e.note or '')
    end
  end
end

local function recover(dead)
  local open = redis.call('HGETALL', root .. ':h:' .. dead)
  for at = 1, #open, 2 do
    local reservation, name = string.match(open[at], '^(%S+) (.*)$')
    local counter, amount = cjson.decode(name), tonumber(open[at + 1])
    if counter[3] == 'slots' then
      book(name, nil, 0, 0, -amount)
    elseif counter[7] == '0' then
      book(name, nil, amount, 0, -amount)
      log(dead, 'recover', reservation, name, amount, 0, '')
    end
  end
  for _, name in ipairs(redis.call('SMEMBERS', root .. ':t:' .. dead)) do
    redis.call('HDEL', root .. ':c:' .. name, dead .. ' settled', dead .. ' overrun',
               dead .. ' reserved')
  end
  redis.call('DEL', root .. ':h:' .. dead, root .. ':t:' .. dead, root .. ':i:' .. dead)
  redis.call('ZREM', root .. ':instances', dead)
end

redis.call('ZADD', root .. ':instances', int(now), me)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', root .. ':instances', '-inf',
                                 int(now - silent_ms), 'LIMIT', '0', '8')) do
  recover(dead)
end

local refused, at, entries = {}, 1, batch.entries or {}
while at <= #entries do
  local e = entries[at]
  if e.kind == 'reserve' then
    local to = at
    while entries[to + 1] and entries[to + 1].kind == 'reserve'
        and entries[to + 1].reservation == e.reservation do
      to = to + 1
    end
    if not reserve(at, to) then refused[#refused + 1] = '"' .. e.reservation .. '"' end
    at = to
  elseif e.kind == 'adjust' then
    local name = name_of(e)
    tell(name)
    book(name, me, e.amount, e.overrun or 0, 0)
    log(me, 'adjust', '', name, e.amount, e.overrun or 0, e.note or '')
  else
    resolve(e)
  end
  at = at + 1
end

if batch.counters then
  for _, name in ipairs(redis.call('SMEMBERS', root .. ':counters')) do
    local ends = tonumber(cjson.decode(name)[6])
    if redis.call('EXISTS', root .. ':c:' .. name) == 0 then
      redis.call('SREM', root .. ':counters', name)
    elseif ends < 0 or ends > now then
      tell(name)
    end
  end
end

local function room_ms(name, slides_ms)
  local wanted, limit = told[name][1], told[name][2]
  if wanted == 0 then return 0 end
  local used, room_at = hit_sum(name, slides_ms, '+'), now
  local hits = redis.call('ZRANGE', root .. ':z:' .. name, 0, -1, 'WITHSCORES')
  for at = 1, #hits, 2 do
    if used <= limit - wanted then break end
    used = used - get(root .. ':a:' .. name, hits[at])
    room_at = tonumber(hits[at + 1]) + slides_ms
  end
  return room_at - now
end

local counters = {}
for _, name in ipairs(told_order) do
  local c, key = cjson.decode(name), root .. ':c:' .. name
  local slides_ms, spent, reserved, room = tonumber(c[7]), 0, 0, 0
  if slides_ms > 0 then
    spent = hit_sum(name, slides_ms, '+') - get(root .. ':a:' .. name, '+ ' .. me)
    room = room_ms(name, slides_ms)
  else
    spent = get(key, 'settled') + get(key, 'overrun') - get(key, me .. ' settled')
            - get(key, me .. ' overrun')
    reserved = get(key, 'reserved') - get(key, me .. ' reserved')
  end
  local text = '{"rule":' .. cjson.encode(c[1]) .. ',"entity":' .. cjson.encode(c[2])
      .. ',"measure":' .. cjson.encode(c[3]) .. ',"period":' .. cjson.encode(c[4])
      .. ',"start":' .. c[5] .. ',"spent":' .. int(math.max(spent, 0)) .. ',"reserved":'
      .. int(math.max(reserved, 0)) .. ',"room_ms":' .. int(room)
  if tonumber(c[6]) >= 0 then text = text .. ',"end":' .. c[6] end
  counters[#counters + 1] = text .. '}'
end
local reply = '{"batch":' .. int(batch.batch) .. ',"refused":[' .. table.concat(refused, ',')
    .. '],"counters":[' .. table.concat(counters, ',') .. ']}'
redis.call('HSET', root .. ':i:' .. me, 'batch', int(batch.batch), 'reply', reply)
redis.call('PEXPIRE', root .. ':i:' .. me, 86400000)
return reply
)lua";

}  // namespace tollgate::redis_driver
