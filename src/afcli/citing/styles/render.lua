-- Render citations with pandoc's own citeproc, many in one process.
-- Standard input: a JSON array of tasks {csl, bibliography, cite}; standard output: an array of
-- {cite, entries}: the citation (a note's content, where the style makes notes), and the entries of
-- the bibliography with their ids, each in every format.
local formats = {plain = 'plain', markdown = 'commonmark', html = 'html'}
local options = pandoc.WriterOptions{wrap_text = 'wrap-none'}

local function unwrapped(blocks)
  return pandoc.walk_block(pandoc.Div(blocks), {
    Span = function(span) return span.content end,
    Div = function(div) return div.content end,
    Cite = function(cite) return cite.content end,
  }).content
end

local function written(blocks)
  local bare, result = unwrapped(blocks), {}
  for name, format in pairs(formats) do
    local text = pandoc.write(pandoc.Pandoc(name == 'html' and blocks or bare), format, options)
    result[name] = text:gsub('%s+$', '')
  end
  return result
end

local results = {}
for number, task in ipairs(pandoc.json.decode(io.read('a'), false)) do
  local document = pandoc.read(task.cite, 'markdown-smart')
  document.meta.bibliography = task.bibliography
  document.meta.csl = task.csl
  local result = {entries = {}}
  for _, block in ipairs(pandoc.utils.citeproc(document).blocks) do
    if block.t == 'Div' and block.identifier == 'refs' then
      for _, entry in ipairs(block.content) do
        local one = written({entry})
        one.id = entry.identifier:gsub('^ref%-', '')
        table.insert(result.entries, one)
      end
    else
      local content = {block}
      pandoc.walk_block(block, {Note = function(note) content = note.content end})
      result.cite = written({pandoc.Plain(pandoc.utils.blocks_to_inlines(pandoc.walk_block(pandoc.Div(content), {
        Cite = function(cite) return cite.content end}).content))})
    end
  end
  results[number] = result
end
io.write(pandoc.json.encode(results))
