-- A dissector of the TCP chat protocol for Wireshark 4.0 and newer; docs/tap.md says how to use it.
-- Generated from the JSON Schemas (python -m chatproof_schemas.generate): change those, or dissector.lua.

local PORT = 12345
local LIMITS = { ["client"] = 1024, ["server"] = 8192, ["unended"] = 65536 }
local DEFINITIONS = {
    ["username"] = {
        ["expected"] = "a string of 1 to 32 code points, no control or invisible formatting characters, no space at either end",
        ["kind"] = "string",
        ["rules"] = {
            ["type"] = "string",
            ["minLength"] = 1,
            ["maxLength"] = 32,
            ["allOf"] = {
                {
                    ["not"] = { ["type"] = "string", ["pattern"] = "[\\x{0000}-\\x{001F}\\x{007F}-\\x{009F}\\x{2028}\\x{2029}]" },
                },
                {
                    ["not"] = {
                        ["type"] = "string",
                        ["pattern"] = "[\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}\\x{FEFF}]",
                    },
                },
                { ["not"] = { ["type"] = "string", ["pattern"] = "^ | $" } },
            },
        },
    },
    ["content"] = {
        ["expected"] = "a string of at least 1 code point",
        ["kind"] = "string",
        ["rules"] = { ["type"] = "string", ["minLength"] = 1 },
    },
    ["timestamp"] = {
        ["expected"] = "a time as HH:MM:SS in 24 hours, such as 14:30:25",
        ["kind"] = "string",
        ["rules"] = { ["type"] = "string", ["maxLength"] = 8, ["pattern"] = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$" },
    },
    ["text"] = {
        ["expected"] = "a string of at least 1 code point",
        ["kind"] = "string",
        ["rules"] = { ["type"] = "string", ["minLength"] = 1 },
    },
    ["code"] = {
        ["expected"] = "one of frame_too_long, malformed_json, invalid_message, unknown_type, username_invalid, not_joined, already_joined, username_taken, server_full",
        ["kind"] = "string",
        ["rules"] = {
            ["enum"] = {
                "frame_too_long",
                "malformed_json",
                "invalid_message",
                "unknown_type",
                "username_invalid",
                "not_joined",
                "already_joined",
                "username_taken",
                "server_full",
            },
        },
    },
    ["private_confirmation.delivered"] = { ["expected"] = "true or false", ["kind"] = "boolean", ["rules"] = { ["type"] = "boolean" } },
}
local FIELDS = {
    {
        ["name"] = "username",
        ["kind"] = "string",
        ["description"] = "a string of 1 to 32 code points, no control or invisible formatting characters, no space at either end",
    },
    { ["name"] = "content", ["kind"] = "string", ["description"] = "a string of at least 1 code point" },
    {
        ["name"] = "target",
        ["kind"] = "string",
        ["description"] = "a string of 1 to 32 code points, no control or invisible formatting characters, no space at either end",
    },
    {
        ["name"] = "timestamp",
        ["kind"] = "string",
        ["description"] = "a time as HH:MM:SS in 24 hours, such as 14:30:25",
    },
    {
        ["name"] = "sender",
        ["kind"] = "string",
        ["description"] = "a string of 1 to 32 code points, no control or invisible formatting characters, no space at either end",
    },
    { ["name"] = "delivered", ["kind"] = "boolean", ["description"] = "true or false" },
    { ["name"] = "reason", ["kind"] = "string", ["description"] = "a string of at least 1 code point" },
    { ["name"] = "message", ["kind"] = "string", ["description"] = "a string of at least 1 code point" },
    {
        ["name"] = "code",
        ["kind"] = "string",
        ["description"] = "one of frame_too_long, malformed_json, invalid_message, unknown_type, username_invalid, not_joined, already_joined, username_taken, server_full",
    },
}
local TYPES = {
    ["client"] = {
        ["join"] = { ["required"] = { "username" }, ["shown"] = { "username" }, ["members"] = { ["username"] = "username" } },
        ["message"] = { ["required"] = { "content" }, ["shown"] = { "content" }, ["members"] = { ["content"] = "content" } },
        ["private_message"] = {
            ["required"] = { "target", "content" },
            ["shown"] = { "target", "content" },
            ["members"] = { ["target"] = "username", ["content"] = "content" },
        },
    },
    ["server"] = {
        ["message"] = {
            ["required"] = { "username", "content", "timestamp" },
            ["shown"] = { "username", "content" },
            ["members"] = { ["username"] = "username", ["content"] = "content", ["timestamp"] = "timestamp" },
        },
        ["private_message"] = {
            ["required"] = { "sender", "content", "timestamp" },
            ["shown"] = { "sender", "content" },
            ["members"] = { ["sender"] = "username", ["content"] = "content", ["timestamp"] = "timestamp" },
        },
        ["private_confirmation"] = {
            ["required"] = { "target", "content", "delivered", "timestamp" },
            ["shown"] = { "target", "content" },
            ["members"] = {
                ["target"] = "username",
                ["content"] = "content",
                ["delivered"] = "private_confirmation.delivered",
                ["timestamp"] = "timestamp",
                ["reason"] = "text",
            },
        },
        ["system"] = {
            ["required"] = { "message", "timestamp" },
            ["shown"] = { "message" },
            ["members"] = { ["message"] = "text", ["timestamp"] = "timestamp" },
        },
        ["server"] = {
            ["required"] = { "message", "timestamp" },
            ["shown"] = { "message" },
            ["members"] = { ["message"] = "text", ["timestamp"] = "timestamp" },
        },
        ["error"] = {
            ["required"] = { "message" },
            ["shown"] = { "message" },
            ["members"] = { ["message"] = "text", ["code"] = "code" },
        },
    },
}

local MOST_LEVELS = 100 -- of objects and arrays inside each other; a receiver need not take more than 33
local MOST_SHOWN = 40 -- code points of what a label quotes

-- Fields

local chat = Proto("chat", "TCP Chat Protocol")
local fields = {
    direction = ProtoField.string("chat.direction", "Direction", base.NONE, "who sent it: client or server"),
    length = ProtoField.uint32("chat.length", "Length", base.DEC, nil, nil, "bytes of the frame, without its LF"),
    type = ProtoField.string("chat.type", "type"),
    unknown_member = ProtoField.string("chat.unknown_member", "Unknown member", base.NONE, "receivers ignore it"),
}
local kinds = {} -- of JSON values, by the names of the fields that hold them
for _, member in ipairs(FIELDS) do
    local name = "chat." .. member.name
    kinds[member.name] = member.kind
    fields[member.name] = member.kind == "boolean"
        and ProtoField.bool(name, member.name, base.NONE, nil, nil, member.description)
        or ProtoField.string(name, member.name, base.NONE, member.description)
end
chat.fields = fields

local too_long = ProtoExpert.new("chat.too_long", "Longer than a frame may be", expert.group.PROTOCOL, expert.severity.ERROR)
local malformed = ProtoExpert.new("chat.malformed", "Not JSON", expert.group.MALFORMED, expert.severity.ERROR)
local unknown_type = ProtoExpert.new("chat.unknown_type", "No known type", expert.group.PROTOCOL, expert.severity.ERROR)
local invalid = ProtoExpert.new("chat.invalid", "Breaks the schema of its type", expert.group.PROTOCOL, expert.severity.ERROR)
chat.experts = { too_long, malformed, unknown_type, invalid }

-- JSON, read as strictly as SPEC.md asks for. Values know where they stand: { kind, from, to, value or members }.

local function refuse(what, at) error({ what = what, at = at }, 0) end

local UTF8 = {
    "^[\0-\127]+", "^[\194-\223][\128-\191]", "^\224[\160-\191][\128-\191]", "^[\225-\236\238\239][\128-\191][\128-\191]",
    "^\237[\128-\159][\128-\191]", "^\240[\144-\191][\128-\191][\128-\191]",
    "^[\241-\243][\128-\191][\128-\191][\128-\191]", "^\244[\128-\143][\128-\191][\128-\191]",
}

local function require_utf8(text)
    local at = 1
    while at <= #text do
        local last
        for _, sequence in ipairs(UTF8) do
            last = select(2, text:find(sequence, at))
            if last then break end
        end
        if not last then refuse("is not UTF-8", at) end
        at = last + 1
    end
end

local function encoded(point)
    if point < 0x80 then return string.char(point) end
    local bytes, first = {}, { 0xC0, 0xE0, 0xF0 }
    local size = point < 0x800 and 1 or point < 0x10000 and 2 or 3
    for place = size, 1, -1 do
        bytes[place] = string.char(0x80 + point % 64)
        point = math.floor(point / 64)
    end
    return string.char(first[size] + point) .. table.concat(bytes)
end

local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function read_escape(text, at)
    local simple = ESCAPES[text:sub(at + 1, at + 1)]
    if simple then return simple, at + 2 end
    local digits = text:match("^\\u(%x%x%x%x)", at)
    if not digits then refuse("has an escape that JSON does not know", at) end
    local point = tonumber(digits, 16)
    if point >= 0xD800 and point < 0xDC00 then
        local low = tonumber(text:match("^\\u(%x%x%x%x)", at + 6) or "0", 16)
        if low >= 0xDC00 and low < 0xE000 then
            return encoded(0x10000 + (point - 0xD800) * 0x400 + low - 0xDC00), at + 12
        end
    end
    if point >= 0xD800 and point < 0xE000 then refuse("has a lone surrogate", at) end
    return encoded(point), at + 6
end

local function read_string(text, from)
    local parts, at = {}, from + 1
    while true do
        local _, last = text:find('^[^\0-\31"\\]+', at)
        if last then
            parts[#parts + 1] = text:sub(at, last)
            at = last + 1
        end
        local next = text:sub(at, at)
        if next == '"' then return { kind = "string", from = from, to = at, value = table.concat(parts) }, at + 1 end
        if next ~= "\\" then refuse("has a string that does not end", at) end
        parts[#parts + 1], at = read_escape(text, at)
    end
end

local function read_number(text, from)
    local _, last = text:find("^-?0", from)
    if not last then _, last = text:find("^-?[1-9]%d*", from) end
    if not last then refuse("has something that is no JSON value", from) end
    for _, part in ipairs({ "^%.%d+", "^[eE][+-]?%d+" }) do
        last = select(2, text:find(part, last + 1)) or last
    end
    return { kind = "number", from = from, to = last, value = text:sub(from, last) }, last + 1
end

local function skip_space(text, at) return select(2, text:find("^[ \t\r]*", at)) + 1 end

local read_value

local function read_items(text, at, closing, level, read_item)
    if level > MOST_LEVELS then refuse("is nested too deeply", at) end
    at = skip_space(text, at + 1)
    if text:sub(at, at) == closing then return at end
    while true do
        at = skip_space(text, read_item(at))
        local next = text:sub(at, at)
        if next == closing then return at end
        if next ~= "," then refuse("has no comma or " .. closing .. " after a value", at) end
        at = skip_space(text, at + 1)
    end
end

local function read_array(text, from, level)
    local last = read_items(text, from, "]", level, function(at) return select(2, read_value(text, at, level + 1)) end)
    return { kind = "array", from = from, to = last }, last + 1
end

local function read_object(text, from, level)
    local members, seen = {}, {}
    local last = read_items(text, from, "}", level, function(at)
        if text:sub(at, at) ~= '"' then refuse("has a member without a name in quotes", at) end
        local name, value
        name, at = read_string(text, at)
        if seen[name.value] then refuse("has a member name twice", name.from) end
        seen[name.value] = true
        at = skip_space(text, at)
        if text:sub(at, at) ~= ":" then refuse("has no colon after the name of a member", at) end
        value, at = read_value(text, skip_space(text, at + 1), level + 1)
        members[#members + 1] = { name = name.value, from = name.from, value = value }
        return at
    end)
    return { kind = "object", from = from, to = last, members = members }, last + 1
end

local WORDS = { ["true"] = "boolean", ["false"] = "boolean", ["null"] = "null" }

function read_value(text, at, level)
    local first = text:sub(at, at)
    if first == '"' then return read_string(text, at) end
    if first == "{" then return read_object(text, at, level) end
    if first == "[" then return read_array(text, at, level) end
    local word = text:match("^%l+", at)
    if WORDS[word] then
        return { kind = WORDS[word], from = at, to = at + #word - 1, value = word == "true" }, at + #word
    end
    return read_number(text, at)
end

local function read_frame(text)
    require_utf8(text)
    if text:sub(1, 3) == "\239\187\191" then refuse("begins with a byte order mark", 1) end
    local value, at = read_value(text, skip_space(text, 1), 1)
    at = skip_space(text, at)
    if at <= #text then refuse("has something after the value", at) end
    return value
end

-- The rules of the schemas

local ENDS_AT_END = rex_pcre2.flags().DOLLAR_ENDONLY
local expressions = {}

local function matches(text, pattern)
    expressions[pattern] = expressions[pattern] or rex_pcre2.new(pattern, rex_pcre2.flags().UTF + ENDS_AT_END)
    return expressions[pattern]:find(text) ~= nil
end

local function code_points(text) return select(2, text:gsub("[^\128-\191]", "")) end

local keeps

local RULES = {
    type = function(value, wanted) return value.kind == wanted end,
    const = function(value, wanted) return value.kind == "string" and value.value == wanted end,
    enum = function(value, wanted)
        for _, one in ipairs(wanted) do
            if value.kind == "string" and value.value == one then return true end
        end
        return false
    end,
    minLength = function(value, wanted) return value.kind ~= "string" or code_points(value.value) >= wanted end,
    maxLength = function(value, wanted) return value.kind ~= "string" or code_points(value.value) <= wanted end,
    pattern = function(value, wanted) return value.kind ~= "string" or matches(value.value, wanted) end,
    ["not"] = function(value, wanted) return not keeps(value, wanted) end,
    allOf = function(value, wanted)
        for _, part in ipairs(wanted) do
            if not keeps(value, part) then return false end
        end
        return true
    end,
}

function keeps(value, rules)
    for rule, wanted in pairs(rules) do
        if not RULES[rule](value, wanted) then return false end
    end
    return true
end

-- A frame in the tree of packet details

local function shown(text) return (text:gsub("\0", "\226\144\128")) end -- Wireshark would end the text at a NUL

-- Wireshark cuts a label, even inside a character.
local function shortened(text)
    local short = text:match("^" .. ("[^\128-\191][\128-\191]*"):rep(MOST_SHOWN))
    return shown(short and short ~= text and short .. "…" or text)
end

local function add_member(tree, range, member, known, name)
    local value, place = member.value, range(member.value.from - 1, member.value.to - member.value.from + 1)
    local definition = DEFINITIONS[known.members[member.name]]
    if not definition then
        tree:add(fields.unknown_member, place, shown(member.name))
    elseif value.kind == kinds[member.name] then
        tree:add(fields[member.name], place, value.kind == "string" and shown(value.value) or value.value)
    else
        tree:add(place, shortened(member.name .. ": " .. place:raw()))
    end
    if definition and not keeps(value, definition.rules) then
        tree:add_proto_expert_info(invalid, name .. ": " .. member.name .. " must be " .. definition.expected)
    end
end

local function add_message(tree, range, message, direction)
    if message.kind ~= "object" then
        tree:add_proto_expert_info(unknown_type, "The frame is not an object")
        return message.kind
    end
    local values = {}
    for _, member in ipairs(message.members) do values[member.name] = member.value end
    local name = values.type
    local known = name and name.kind == "string" and TYPES[direction][name.value]
    for _, member in ipairs(message.members) do
        if member.name == "type" and member.value.kind == "string" then
            tree:add(fields.type, range(name.from - 1, name.to - name.from + 1), shown(name.value))
        elseif known then
            add_member(tree, range, member, known, name.value)
        end
    end
    if not known then
        local what = name and "type " .. range(name.from - 1, name.to - name.from + 1):raw() or "no type"
        tree:add_proto_expert_info(unknown_type, "A " .. direction .. " must not send " .. shortened(what))
        return what
    end
    local said = { name.value }
    for _, member in ipairs(known.required) do
        if not values[member] then tree:add_proto_expert_info(invalid, name.value .. ": " .. member .. " is missing") end
    end
    for _, member in ipairs(known.shown) do
        if values[member] and values[member].kind == "string" then said[#said + 1] = values[member].value end
    end
    return table.concat(said, " ")
end

-- Returns what the frame says, as a text for people.
local function add_frame(range, text, direction, root)
    local tree = root:add(chat, range, "TCP Chat Protocol, from the " .. direction)
    tree:add(fields.direction, direction):set_generated()
    tree:add(fields.length, #text):set_generated()
    if not text:find("[^ \t\r]") then
        tree:append_text(": blank")
        return "blank line"
    end
    local said
    if #text > LIMITS[direction] then
        tree:add_proto_expert_info(too_long, #text .. " bytes; a " .. direction .. " may send " .. LIMITS[direction])
        said = "too long"
    end
    local readable, result = pcall(read_frame, text)
    if not readable and type(result) ~= "table" then error(result, 0) end -- a mistake of ours
    if readable then
        said = add_message(tree, range, result, direction)
    elseif not said then
        tree:add_proto_expert_info(malformed, "The frame " .. result.what .. ", at byte " .. result.at)
        said = "not JSON"
    end
    tree:append_text(": " .. shortened(said))
    return said
end

function chat.dissector(buffer, packet, root)
    local direction = packet.dst_port == packet.match_uint and "client" or "server"
    local text, offset = buffer:range():raw(), 0
    while offset < #text do
        local ending = text:find("\n", offset + 1, true)
        if not ending and #text - offset < LIMITS.unended then
            packet.desegment_offset = offset
            packet.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
            return
        end
        local last = ending or #text
        local said = add_frame(buffer:range(offset, last - offset), text:sub(offset + 1, (ending or #text + 1) - 1), direction, root)
        packet.cols.protocol = "CHAT"
        packet.cols.info:set((direction == "client" and "→ " or "← ") .. said:gsub("%c", " ") .. "  ")
        packet.cols.info:fence()
        offset = last
    end
end

DissectorTable.get("tcp.port"):add(PORT, chat)
