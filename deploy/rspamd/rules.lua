-- What rspamd of node @NODE@ looks at, and what it writes onto mail from other servers. The stock rules, without those that
-- ask lists on the internet.
require "global_functions"()

config['regexp'] = {}
rspamd_maps = {}
local stock = rspamd_paths['RULESDIR']
for _, name in ipairs({ 'regexp/headers', 'regexp/misc', 'html', 'headers_checks', 'subject_checks', 'misc', 'forwarding', 'mid',
                        'bitcoin', 'bounce', 'content', 'controller/init' }) do
  dofile(stock .. '/' .. name .. '.lua')
end

local auth_results = require "lua_auth_results"
local logger = require "rspamd_logger"

-- From here on a mail is marked. A mailbox's own script (mailboxes/spam/sieve.py) may draw its line elsewhere, by X-Spam-Level.
local MARKED_FROM = 6.0
local MOST_STARS = 50
local MOST_RULES = 12

-- The pattern that everybody tests filters with. rspamd's own answer to it is to refuse the mail, and it cannot be switched off:
-- so it is shown such a mail without its text, and the rule below says what that was.
local GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
local FOUND = 'gtube'

-- The pattern's middle in Base64, by how many bytes stand before it (modulo 3).
local function encoded()
  local found, util = {}, require "rspamd_util"
  for before = 0, 2 do
    local text = tostring(util.encode_base64(string.rep('x', before) .. GTUBE))
    found[#found + 1] = text:sub(9, -9)
  end
  return found
end
local ENCODED = encoded()

local function has_pattern(content)
  if content:find(GTUBE, 1, true) then
    return true
  end
  if not content:lower():find('base64', 1, true) then
    return false
  end
  local joined = content:gsub('[\r\n]', '')
  for _, text in ipairs(ENCODED) do
    if joined:find(text, 1, true) then
      return true
    end
  end
  return false
end

local LARGEST_TEST = 65536
rspamd_config:register_symbol({
  name = 'TEST_PATTERN_SEEN',
  type = 'connfilter',
  callback = function(task)
    local content = task:get_content()
    if not content or #content > LARGEST_TEST then
      return
    end
    local text = tostring(content)
    if has_pattern(text) then
      task:get_mempool():set_variable(FOUND, '1')
      local head = text:match('^(.-\r?\n)\r?\n') or text
      task:set_message(head .. '\r\n')
      -- Or the mail itself would lose its text too.
      task:set_flag('message_rewrite', false)
    end
  end,
})
rspamd_config:register_symbol({
  name = 'TEST_PATTERN',
  type = 'normal',
  score = 1000.0,
  group = 'test',
  callback = function(task)
    return task:get_mempool():get_variable(FOUND) ~= nil
  end,
})

local function below(name, other)
  return name == other or name:sub(-#other - 1) == '.' .. other
end

-- Whether who controls `proven` controls the From domain too: the same name, or one is below the other (RFC 7489, 3.1, without
-- its list of public suffixes, which errs on the side of mistrust).
local function aligned(proven, domain)
  proven, domain = proven:lower(), domain:lower()
  return proven:find('.', 1, true) and domain:find('.', 1, true) and (below(proven, domain) or below(domain, proven))
end

-- The author's address when there is one alone and its domain says that it sent this; nil: anybody may have written it.
local function proven_author(task)
  local heads = task:get_header_full('From')
  local from = task:get_from('mime')
  if not heads or #heads ~= 1 or not from or #from ~= 1 then
    return nil
  end
  local address, domain = (from[1].addr or ''):lower(), (from[1].domain or ''):lower()
  if #address > 254 or not address:match('^[%w.!#$%%&\'*+/=?^_`{|}~-]+@[%w.-]+$') then
    return nil
  end
  for _, found in ipairs(task:get_dkim_results() or {}) do
    if found.result == 'allow' and found.domain and aligned(found.domain, domain) then
      return address
    end
  end
  local envelope = task:get_from('smtp')
  if task:has_symbol('R_SPF_ALLOW') and envelope and envelope[1] and aligned(envelope[1].domain or '', domain) then
    return address
  end
  return nil
end

local function clean(text, most)
  return (tostring(text):gsub('[^%w_.-]', ''):sub(1, most))
end

-- The rules that weighed most, as NAME(score), for the page that says why.
local function weighed(task)
  local found = {}
  for _, one in ipairs(task:get_symbols_all() or {}) do
    if math.abs(one.score) >= 0.1 then
      found[#found + 1] = one
    end
  end
  table.sort(found, function(one, other) return math.abs(one.score) > math.abs(other.score) end)
  local words = {}
  for place = 1, math.min(#found, MOST_RULES) do
    words[place] = string.format('%s(%.1f)', clean(found[place].name, 40), found[place].score)
  end
  return table.concat(words, ' ')
end

rspamd_config:register_symbol({
  name = 'MARKS',
  type = 'idempotent',
  flags = 'empty,ignore_passthrough',
  callback = function(task)
    if task:get_user() then
      return -- submitted by one of our own people: signed, and not judged
    end
    local score = task:get_metric_score('default')[1] or 0
    local add = {
      ['X-Spam'] = score >= MARKED_FROM and 'Yes' or 'No',
      ['X-Spam-Score'] = string.format('%.1f', score),
      ['X-Spam-Level'] = string.rep('*', math.max(0, math.min(MOST_STARS, math.floor(score + 0.0001)))),
      ['X-Spam-Rules'] = weighed(task),
    }
    for name, value in pairs(add) do
      if value == '' then
        add[name] = nil
      end
    end
    add['X-Spam-Proven'] = proven_author(task)
    local good, results = pcall(auth_results.gen_auth_results, task, nil)
    if good and results then
      add['Authentication-Results'] = { value = results:gsub('[%c]', ' '), order = 1 }
    elseif not good then
      logger.errx(task, 'no Authentication-Results: %s', results)
    end
    -- What strangers wrote under these names, Postfix has taken out already (deploy/postfix/header_checks).
    task:set_milter_reply({ add_headers = add })
  end,
})
