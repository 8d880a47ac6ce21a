#include "drivers/curl/lane.hpp"

#include <algorithm>
#include <new>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {

std::unique_ptr<Lane> Lane::create(std::string key, std::shared_ptr<const Profile> profile,
                                   const Settings& settings) {
  std::unique_ptr<Lane> lane(new Lane(std::move(key), std::move(profile)));
  // A second connection may be open for a moment while the first is found dead.
  lane->multi_ = WaitingMulti::create(2);
  lane->transfer_ = Transfer::create(settings);
  if (lane->multi_ == nullptr || lane->transfer_ == nullptr) return nullptr;
  return lane;
}

std::string Lane::key_of(const tg_action& action) {
  std::string key;
  Profile::append_key(action, key);
  const std::string_view url = view(action.url);
  const size_t slashes = url.find("//");
  key += url.substr(
      0, slashes == std::string_view::npos ? slashes : url.find_first_of("/?#", slashes + 2));
  return key;
}

Outcome Lane::start(const tg_action& action, TransferSink& sink) {
  Outcome outcome = transfer_->begin(action, profile_, false, sink);
  if (outcome.failed) return outcome;
  if (!multi_->add(transfer_->easy())) {
    transfer_->finish(CURLE_OUT_OF_MEMORY);
    return outcome_of(CURLE_OUT_OF_MEMORY);
  }
  added_ = true;
  multi_->perform();
  return outcome;
}

void Lane::stop() {
  if (added_) multi_->remove(transfer_->easy());
  added_ = false;
}

std::unique_ptr<Lane> LanePool::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || found->second.empty()) return nullptr;
  const Idle::iterator newest = found->second.back();
  std::unique_ptr<Lane> lane = std::move(*newest);
  idle_.erase(newest);
  found->second.pop_back();
  if (found->second.empty()) by_key_.erase(found);
  return lane;
}

void LanePool::give(std::unique_ptr<Lane> lane) {
  std::unique_ptr<Lane> oldest;  // Closed after the lock is released.
  const std::lock_guard lock(mutex_);
  if (lanes_max_ == 0) return;
  try {
    std::vector<Idle::iterator>& same = by_key_[lane->key()];
    same.reserve(same.size() + 1);
    idle_.push_back(std::move(lane));
    same.push_back(std::prev(idle_.end()));
  } catch (const std::bad_alloc&) {
    return;  // A lane that is not kept is only a connection made anew.
  }
  if (idle_.size() > lanes_max_) oldest = remove_oldest();
}

std::unique_ptr<Lane> LanePool::remove_oldest() {
  const Idle::iterator first = idle_.begin();
  const auto found = by_key_.find((*first)->key());
  // Lanes of one key are given and taken at the same end: the oldest is the first.
  found->second.erase(found->second.begin());
  if (found->second.empty()) by_key_.erase(found);
  std::unique_ptr<Lane> lane = std::move(*first);
  idle_.erase(first);
  return lane;
}

size_t LanePool::size() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

}  // namespace tollgate::curl_driver
