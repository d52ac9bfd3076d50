"""The intake buffer in Redis, as the fault suite sees it."""

KEY = "schedulerd:intake"
# Of all lists of the buffer: what waits, what instances have taken, what cannot be read.
COUNT = """
local count = 0
for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'list' then count = count + redis.call('LLEN', key) end
end
return count
"""
FLUSH = """
local ids = {}
for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'list' then
    for _, task in ipairs(redis.call('LRANGE', key, 0, -1)) do
      table.insert(ids, string.match(task, '%x%x%x%x%x%x%x%x%-%x%x%x%x%-7%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x'))
    end
  end
end
redis.call('FLUSHALL')
return ids
"""


class Buffer:
    def __init__(self, stand):
        self.stand = stand

    def count(self):
        """Tasks that are in it, those included that an instance has taken and not acknowledged."""
        return int(self.stand.redis("EVAL", COUNT, "1", KEY)[0])

    def flush(self):
        """Empties Redis. The ids of the tasks that were in the buffer at that moment."""
        return [line.lower() for line in self.stand.redis("EVAL", FLUSH, "1", KEY) if line]
