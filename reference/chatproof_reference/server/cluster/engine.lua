-- What nodes do to the shared chat, each command at once: append, register, beat, reap, quit.
--
-- The log is a stream with an entry for each batch of a node: c the chain, o the incarnation of the node, n the number of
-- the batch, k the controls (joins and leaves), r what was decided of each, then segments. A burial is c and g, the
-- incarnation whose users have left. XADD comes before all other writes: a script that fails is not rolled back.
local log, nodes, beats, positions, names, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local command, me = ARGV[1], ARGV[2]

local function names_of(node)
  return names .. ':' .. node -- so that a burial need not look at everybody
end

local function add(chained, bytes, ...)
  local chain = redis.sha1hex((redis.call('HGET', meta, 'chain') or '') .. chained)
  local id = redis.call('XADD', log, '*', 'c', chain, ...)
  redis.call('HSET', meta, 'id', id, 'chain', chain)
  redis.call('HINCRBY', meta, 'bytes', bytes)
end

local function bury(node)
  if not redis.call('HGET', nodes, node) then
    return
  end
  add('g ' .. node, 0, 'g', node)
  for _, name in ipairs(redis.call('SMEMBERS', names_of(node))) do
    redis.call('HDEL', names, name)
  end
  redis.call('DEL', names_of(node))
  for _, key in ipairs({nodes, beats, positions}) do
    redis.call('HDEL', key, node)
  end
end

local function is_later(id, other)
  local time, count = string.match(id, '(%d+)-(%d+)')
  local other_time, other_count = string.match(other, '(%d+)-(%d+)')
  time, count, other_time, other_count = tonumber(time), tonumber(count), tonumber(other_time), tonumber(other_count)
  return time > other_time or (time == other_time and count > other_count)
end

-- register NODE [PREDECESSOR ...]: buries the node's predecessors; returns where the log is, and who holds which name
if command == 'register' then
  for at = 3, #ARGV do
    bury(ARGV[at])
  end
  local id = redis.call('HGET', meta, 'id') or '0-0'
  for key, value in pairs({[nodes] = '0', [beats] = '0', [positions] = id}) do
    redis.call('HSET', key, me, value)
  end
  local chain, bytes = redis.call('HGET', meta, 'chain') or '', redis.call('HGET', meta, 'bytes') or '0'
  return {id, chain, bytes, redis.call('HGETALL', names)}
end

-- quit NODE: the node's own burial
if command == 'quit' then
  return bury(me)
end

local last = redis.call('HGET', nodes, me)
if not last then
  return redis.error_reply('FENCED the others have buried this node, or the engine has lost the chat')
end

-- append NODE NUMBER CONTROLS TAG SEGMENT TAG SEGMENT ...
if command == 'append' then
  local number = tonumber(ARGV[3])
  if number <= tonumber(last) then
    return redis.status_reply('dup')
  elseif number > tonumber(last) + 1 then
    return redis.error_reply('FENCED the engine has lost what this node had appended')
  end
  local decisions, now_held, bytes = {}, {}, 0
  for kind, connection, name in string.gmatch(ARGV[4], '(%a)(%d+)\t([^\n]*)\n') do
    local holder, mine = now_held[name], me .. ':' .. connection
    if holder == nil then
      holder = redis.call('HGET', names, name)
    end
    local is_granted = kind == 'j' and not holder or kind == 'l' and holder == mine
    if is_granted then
      now_held[name] = kind == 'j' and mine -- false: nobody
    end
    decisions[#decisions + 1] = is_granted and '1' or '0'
  end
  decisions = table.concat(decisions)
  for at = 6, #ARGV, 2 do
    bytes = bytes + #ARGV[at]
  end
  add(me .. ' ' .. number .. ' ' .. decisions, bytes, 'o', me, 'n', ARGV[3], 'k', ARGV[4], 'r', decisions, unpack(ARGV, 5))
  redis.call('HSET', nodes, me, number)
  for name, holder in pairs(now_held) do
    if holder then
      redis.call('HSET', names, name, holder)
      redis.call('SADD', names_of(me), name)
    else
      redis.call('HDEL', names, name)
      redis.call('SREM', names_of(me), name)
    end
  end
  return redis.status_reply('OK')
end

-- beat NODE POSITION CHAIN: shows that the node lives; returns how many bytes the log has had, and everybody's beats
if command == 'beat' then
  local position, id = ARGV[3], redis.call('HGET', meta, 'id') or '0-0'
  if is_later(position, id) or position == id and ARGV[4] ~= (redis.call('HGET', meta, 'chain') or '') then
    return redis.error_reply('FENCED the engine has lost what this node has applied')
  end
  redis.call('HINCRBY', beats, me, 1)
  redis.call('HSET', positions, me, position)
  for _, other in ipairs(redis.call('HVALS', positions)) do
    position = is_later(position, other) and other or position
  end
  redis.call('XTRIM', log, 'MINID', '~', position)
  return {redis.call('HGET', meta, 'bytes') or '0', redis.call('HGETALL', beats)}
end

-- reap NODE VICTIM BEATS: buries one whose beats are still so many
if command == 'reap' and redis.call('HGET', beats, ARGV[3]) == ARGV[4] then
  bury(ARGV[3])
end
return redis.status_reply('OK')
