-- Opens the file as a user would, takes the first action, and writes what it saw.
local seen = {}

local function diagnostics()
  return vim.diagnostic.get(0)
end

local function client()
  if vim.lsp.get_clients then
    return vim.lsp.get_clients({ bufnr = 0 })[1]
  end
  return vim.lsp.buf_get_clients(0)[1] or vim.lsp.get_active_clients()[1]
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 60000)
  for _, answer in pairs(answers or {}) do
    return answer.result
  end
end

vim.cmd('edit ' .. vim.env.VARSYNC_FILE)
if not vim.lsp.config then
  vim.bo.filetype = 'python'
  local id = vim.lsp.start_client({
    name = 'varsync',
    cmd = { 'varsync', 'server' },
    root_dir = vim.fn.getcwd(),
  })
  vim.lsp.buf_attach_client(0, id)
end
vim.wait(60000, function() return #diagnostics() > 0 end, 20)
if vim.env.VARSYNC_SEEN == nil then
  vim.cmd("write | qall!")
end
local first = diagnostics()[1]
seen.code = first.code
seen.source = first.source
seen.message = first.message
seen.place = { first.lnum, first.col, first.end_lnum, first.end_col }
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })

local encoding = client().offset_encoding
seen.encoding = encoding
local position = vim.lsp.util.make_position_params(0, encoding)
seen.hover = ask('textDocument/hover', position).contents.value
local range = {
  textDocument = position.textDocument,
  range = { start = position.position, ['end'] = position.position },
  context = { diagnostics = {} },
}
local actions = ask('textDocument/codeAction', range)
seen.actions = vim.tbl_map(function(action) return action.title end, actions)
vim.lsp.util.apply_workspace_edit(actions[1].edit, encoding)
seen.text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.wait(60000, function() return #diagnostics() == 0 end, 20)
seen.left = #diagnostics()
vim.fn.writefile({ vim.json.encode(seen) }, vim.env.VARSYNC_SEEN)
vim.cmd('qall!')
