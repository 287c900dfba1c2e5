-- Whom a mail of our own people names as its author: every address in From, Sender and their Resent- forms must be one that the
-- login may use. Decided by nodeagent/senders (which reads the directory; rspamd does not); the headers are taken here as they
-- stand, not as rspamd reads them. Without an answer the mail waits: the mail program keeps it and tries again.
local tcp = require "rspamd_tcp"
local logger = require "rspamd_logger"

local SOCKET = '@SENDERS@/ask.sock'
-- The panel sends from one address (main.cf); what scripts send was somebody's mail before (nodeagent/inject.py).
local EXEMPT = { ['@PANEL_LOGIN@'] = true, ['@FORWARD_LOGIN@'] = true }
local HELD = { ['from'] = true, ['sender'] = true, ['resent-from'] = true, ['resent-sender'] = true }
local MOST = 50
local SECONDS = 5.0
local LATER = 'The sender cannot be checked at the moment. Try again in a minute.'

local function escaped(text)
  return (text:gsub('[%c%%]', function(letter) return string.format('%%%02x', letter:byte()) end))
end

-- A bare CR ends a line too: some programs read it so.
local function held_headers(raw)
  local found, value = {}, nil
  for line in (raw:gsub('\r\n?', '\n') .. '\n'):gmatch('([^\n]*)\n') do
    if line:find('^[ \t]') then
      if value then
        found[#found] = found[#found] .. ' ' .. line
      end
    else
      local name, rest = line:match('^([%w-]+)[ \t]*:(.*)$')
      value = name and HELD[name:lower()] and rest
      if value then
        found[#found + 1] = name:lower() .. ':' .. value
      end
    end
  end
  return found
end

rspamd_config:register_symbol({
  name = 'SENDER_HELD',
  type = 'prefilter',
  priority = 10,
  flags = 'empty,ignore_passthrough,nostat',
  callback = function(task)
    local user = task:get_user()
    if not user or EXEMPT[user] or not task:has_flag('milter') then -- not by the milter: the agent's own check of a key
      return
    end
    local heads = held_headers(tostring(task:get_raw_headers() or ''))
    if #heads == 0 then
      return -- Postfix writes the From that is missing, from the envelope
    end
    if #heads > MOST then
      task:set_pre_result('reject', 'This mail has too many From headers.', 'senders')
      return
    end
    local lines = { 'sasl_username=' .. escaped(user) }
    for place, head in ipairs(heads) do
      lines[#lines + 1] = string.format('h.%d=%s', place, escaped(head))
    end
    local function answered(err, data)
      local action, text = tostring(data or ''):match('^action=(%u+) ?([^\n]*)')
      if err or not action or action == 'DEFER' then
        logger.errx(task, 'the sender was not checked: %s', err or data)
        task:set_pre_result('soft reject', LATER, 'senders')
      elseif action == 'REJECT' then
        task:set_pre_result('reject', text, 'senders')
      end
    end
    local asked = tcp.request({
      task = task,
      host = SOCKET,
      data = { table.concat(lines, '\n') .. '\n\n' },
      callback = answered,
      timeout = SECONDS,
      stop_pattern = '\n\n',
    })
    if not asked then
      answered('no connection')
    end
  end,
})
