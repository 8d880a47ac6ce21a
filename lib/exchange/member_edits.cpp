#include "exchange/member_edits.hpp"

#include <string>
#include <utility>

#include "json/reader.hpp"
#include "json/scanner.hpp"

namespace tollgate::exchange {
namespace {

/// One member of depth 1, by the places of its parts in the text.
struct Place {
  std::string key;
  size_t key_at = 0;
  size_t value_at = 0;
  size_t end = 0;
};

std::string unescaped(std::string_view quoted) {
  const std::string_view plain = quoted.substr(1, quoted.size() - 2);
  if (plain.find('\\') == std::string_view::npos) return std::string(plain);
  json::Document document;
  const Result<json::Value> parsed = document.parse(quoted);
  return std::string(parsed.ok() ? parsed.value().string_or(plain) : plain);
}

/// `open` receives the place behind the opening brace.
std::vector<Place> places_of(std::string_view object, size_t& open) {
  std::vector<Place> places;
  json::Scanner scanner(object);
  scanner.skip_space();
  if (scanner.peek() != '{') return places;
  scanner.step();
  open = scanner.at();
  for (scanner.skip_space(); scanner.peek() == '"'; scanner.skip_space()) {
    Place place;
    const json::Span key = scanner.take_string();
    if (key.size < 2) break;
    place.key_at = key.offset;
    place.key = unescaped(object.substr(key.offset, key.size));
    scanner.skip_space();
    scanner.step();  // The colon.
    scanner.skip_space();
    place.value_at = scanner.at();
    scanner.skip_value();
    place.end = scanner.at();
    places.push_back(std::move(place));
    scanner.skip_space();
    if (scanner.peek() != ',') break;
    scanner.step();
  }
  return places;
}

const providers::MemberEdit* edit_of(const std::vector<providers::MemberEdit>& edits,
                                     std::string_view key) {
  // The last word counts: later edits are nearer to the target.
  for (size_t i = edits.size(); i > 0; --i) {
    if (edits[i - 1].key == key) return &edits[i - 1];
  }
  return nullptr;
}

std::string added_members(const std::vector<providers::MemberEdit>& edits,
                          const std::vector<Place>& places, bool others_stay) {
  std::string added;
  for (size_t i = 0; i < edits.size(); ++i) {
    const providers::MemberEdit& edit = edits[i];
    if (!edit.value || edit_of(edits, edit.key) != &edit) continue;
    bool stands = false;
    for (const Place& place : places)
      stands = stands || place.key == edit.key;
    if (stands) continue;
    if (!added.empty()) added += ',';
    json::append_string(added, edit.key);
    added.append(":").append(*edit.value);
  }
  if (!added.empty() && others_stay) added += ',';
  return added;
}

}  // namespace

std::vector<Edit> place_edits(std::string_view object,
                              const std::vector<providers::MemberEdit>& edits) {
  size_t open = 0;
  const std::vector<Place> places = places_of(object, open);
  std::vector<Edit> out;
  if (open == 0) return out;
  std::vector<std::string_view> done;
  bool kept_before = false;
  std::vector<Edit> changes;
  for (size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    const providers::MemberEdit* edit = edit_of(edits, place.key);
    bool again = false;
    for (const std::string_view key : done)
      again = again || key == place.key;
    if (edit == nullptr || (edit->value && !again)) {
      if (edit != nullptr) {
        changes.push_back({{place.value_at, place.end - place.value_at}, *edit->value});
        done.push_back(place.key);
      }
      kept_before = true;
      continue;
    }
    // A comma goes with the member: the one before it where something stays before it.
    const size_t begin = kept_before ? places[i - 1].end : place.key_at;
    const size_t end = kept_before || i + 1 == places.size() ? place.end : places[i + 1].key_at;
    changes.push_back({{begin, end - begin}, {}});
  }
  std::string added = added_members(edits, places, kept_before);
  if (!added.empty()) out.push_back({{open, 0}, std::move(added)});
  for (Edit& change : changes)
    out.push_back(std::move(change));
  return out;
}

std::string with_edits(std::string_view object, const std::vector<providers::MemberEdit>& edits) {
  std::string out;
  out.reserve(object.size() + 64);
  size_t begin = 0;
  for (const Edit& edit : place_edits(object, edits)) {
    out.append(object.substr(begin, edit.span.offset - begin)).append(edit.text);
    begin = edit.span.offset + edit.span.size;
  }
  out.append(object.substr(begin));
  return out;
}

std::vector<std::string> member_keys(std::string_view object) {
  size_t open = 0;
  std::vector<std::string> keys;
  for (Place& place : places_of(object, open))
    keys.push_back(std::move(place.key));
  return keys;
}

}  // namespace tollgate::exchange
