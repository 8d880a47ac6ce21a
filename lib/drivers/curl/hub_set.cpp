#include "drivers/curl/hub_set.hpp"

#include <algorithm>

namespace tollgate::curl_driver {
namespace {

constexpr size_t kHubsMax = 256;

}  // namespace

Hub* HubSet::get(const tg_action& action, Outcome& why) {
  key_.clear();
  Profile::append_key(action, key_);
  auto known = groups_.find(key_);
  if (known == groups_.end()) {
    if (hubs_.size() >= kHubsMax) drop_unused();
    known = groups_.try_emplace(key_).first;
  }
  Group& group = known->second;
  // The first with room, so that the last ones run dry.
  Hub* least = nullptr;
  for (Hub* hub : group) {
    if (hub->active() < kActiveMax) {
      if (hub != group.back()) shrink(group);
      return hub;
    }
    if (least == nullptr || hub->active() < least->active()) least = hub;
  }
  if (least != nullptr && hubs_.size() >= kHubsMax) return least;
  Hub* added = add(action, group, why);
  if (group.empty()) groups_.erase(known);
  return added;
}

Hub* HubSet::add(const tg_action& action, Group& group, Outcome& why) {
  auto profile = driver_.profiles.get(action, driver_.settings, driver_.trust);
  why = profile->usable();
  if (why.failed) return nullptr;
  std::unique_ptr<Hub> hub = Hub::create(std::move(profile), driver_.settings, sockets_);
  if (hub == nullptr) {
    why = outcome_of(CURLE_OUT_OF_MEMORY);
    return nullptr;
  }
  group.reserve(group.size() + 1);
  hubs_.push_back(std::move(hub));
  group.push_back(hubs_.back().get());
  return group.back();
}

/// Lets the last hub go when it has nothing to do and the one before has plenty of room.
void HubSet::shrink(Group& group) {
  const Hub* last = group.back();
  if (last->active() > 0 || group[group.size() - 2]->active() > kActiveMax / 2) return;
  group.pop_back();
  erase(*last);
}

void HubSet::drop_unused() {
  std::erase_if(groups_, [](const auto& named) {
    const Group& group = named.second;
    return std::all_of(group.begin(), group.end(),
                       [](const Hub* hub) { return hub->active() == 0; });
  });
  std::erase_if(hubs_, [&](const std::unique_ptr<Hub>& hub) {
    return std::none_of(groups_.begin(), groups_.end(), [&](const auto& named) {
      return std::count(named.second.begin(), named.second.end(), hub.get()) > 0;
    });
  });
}

void HubSet::erase(const Hub& hub) {
  std::erase_if(hubs_, [&](const std::unique_ptr<Hub>& each) { return each.get() == &hub; });
}

void HubSet::clear() {
  groups_.clear();
  hubs_.clear();
}

}  // namespace tollgate::curl_driver
