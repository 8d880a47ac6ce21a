#include "exchange/action_queue.hpp"

#include <algorithm>

namespace tollgate::exchange {

bool ActionQueue::withdraw_open(uint32_t upstream) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.kind == TG_ACTION_UPSTREAM_OPEN && entry.upstream == upstream;
  });
  if (found == entries_.end()) return false;
  entries_.erase(found);
  return true;
}

void ActionQueue::withdraw_client() {
  const auto is_client = [](const Entry& entry) {
    return entry.kind == TG_ACTION_CLIENT_HEAD || entry.kind == TG_ACTION_CLIENT_BODY ||
           entry.kind == TG_ACTION_CLIENT_END;
  };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(), is_client), entries_.end());
}

ActionQueue::Entry ActionQueue::pop() {
  const Entry entry = front();
  if (!entries_.empty()) entries_.erase(entries_.begin());
  return entry;
}

}  // namespace tollgate::exchange
