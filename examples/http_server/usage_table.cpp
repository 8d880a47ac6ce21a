#include "usage_table.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::server {

namespace {

constexpr std::string_view kMetadata = "metadata.";
constexpr int64_t kNanoPerUsd = 1'000'000'000;

bool is_dimension(std::string_view name) {
  for (const std::string_view known : {"user", "team", "model", "account", "day"}) {
    if (name == known) return true;
  }
  return name.starts_with(kMetadata) && name.size() > kMetadata.size();
}

bool generates(std::string_view operation) {
  for (const std::string_view other : {"count_tokens", "models", "usage", "alert", "other", ""}) {
    if (operation == other) return false;
  }
  return true;
}

std::string exact_usd(int64_t nano_usd) {
  std::string part = std::to_string(nano_usd % kNanoPerUsd);
  part.insert(0, 9 - part.size(), '0');
  return std::to_string(nano_usd / kNanoPerUsd) + "." + part;
}

UsageSums sums_of(JsonValue record) {
  const JsonValue usage = record.member("usage");
  UsageSums sums;
  sums.requests = 1;
  sums.refused = record.member("outcome").text() == "refused" ? 1 : 0;
  sums.input_tokens = usage.member("input_tokens").integer();
  sums.cache_read_tokens = usage.member("cache_read_input_tokens").integer();
  sums.cache_write_tokens =
      usage.member("cache_creation_5m").integer() + usage.member("cache_creation_1h").integer();
  sums.output_tokens = usage.member("output_tokens").integer();
  sums.cost_nano_usd = record.member("cost_nano_usd").integer();
  return sums;
}

constexpr std::string_view kColumns[] = {
    "requests",           "refused",       "input_tokens", "cache_read_tokens",
    "cache_write_tokens", "output_tokens", "cost_usd"};

std::vector<std::string> cells_of(const UsageSums& sums) {
  return {std::to_string(sums.requests),
          std::to_string(sums.refused),
          std::to_string(sums.input_tokens),
          std::to_string(sums.cache_read_tokens),
          std::to_string(sums.cache_write_tokens),
          std::to_string(sums.output_tokens),
          exact_usd(sums.cost_nano_usd)};
}

/// A field of CSV; quoted where it must be. One that a spreadsheet would take for a formula is made
/// a text.
std::string csv_field(const std::string& text) {
  std::string safe = text;
  if (!safe.empty() && std::string_view("=+-@\t\r").find(safe[0]) != std::string_view::npos) {
    safe.insert(0, "'");
  }
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

void append_members(std::string& out, const UsageSums& sums) {
  const std::vector<std::string> cells = cells_of(sums);
  for (size_t i = 0; i < cells.size(); ++i) {
    out += i == 0 ? "\"" : ",\"";
    out += kColumns[i];
    out += "\":" + cells[i];
  }
}

}  // namespace

void UsageSums::add(const UsageSums& other) {
  requests += other.requests;
  refused += other.refused;
  input_tokens += other.input_tokens;
  cache_read_tokens += other.cache_read_tokens;
  cache_write_tokens += other.cache_write_tokens;
  output_tokens += other.output_tokens;
  cost_nano_usd += other.cost_nano_usd;
}

std::optional<UsageTable> UsageTable::by(std::vector<std::string> dimensions) {
  if (!std::all_of(dimensions.begin(), dimensions.end(), is_dimension)) return std::nullopt;
  std::vector<std::string> sorted = dimensions;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return std::nullopt;
  return UsageTable(std::move(dimensions));
}

void UsageTable::set_span(std::string from, std::string to) {
  from_ = std::move(from);
  to_ = std::move(to);
}

/// The rows a record is in: one, or one for each of its teams.
void UsageTable::keys_of(JsonValue record, size_t dimension, Key& key,
                         std::vector<Key>& out) const {
  for (; dimension < dimensions_.size(); ++dimension) {
    const std::string& name = dimensions_[dimension];
    if (name == "team") break;
    if (name == "user") {
      key.emplace_back(record.member("principal").text());
    } else if (name == "model") {
      key.emplace_back(record.member("model").text());
    } else if (name == "account") {
      const std::string_view target = record.member("target").text();
      key.emplace_back(target.substr(0, target.find('/')));
    } else if (name == "day") {
      key.emplace_back(record.member("time").text().substr(0, 10));
    } else {
      key.emplace_back(record.member("metadata").member(name.substr(kMetadata.size())).text());
    }
  }
  if (dimension == dimensions_.size()) {
    out.push_back(key);
    return;
  }
  std::vector<std::string> teams;
  record.member("teams").each_item([&](JsonValue team) {
    if (team.text() != "everyone") teams.emplace_back(team.text());
  });
  if (teams.empty()) teams.emplace_back();
  for (const std::string& team : teams) {
    Key longer = key;
    longer.push_back(team);
    keys_of(record, dimension + 1, longer, out);
  }
}

bool UsageTable::add_line(std::string_view line) {
  if (line.empty()) return true;
  const JsonValue record = document_->parse(line);
  const std::string_view time = record.member("time").text();
  if (!record.is(JsonValue::Kind::kObject) || time.empty()) {
    ++bad_lines_;
    return true;
  }
  if (!generates(record.member("operation").text())) return true;
  if (time < from_ || (!to_.empty() && time >= to_)) return true;
  const UsageSums sums = sums_of(record);
  std::vector<Key> keys;
  Key key;
  keys_of(record, 0, key, keys);
  for (Key& one : keys) {
    const auto known = rows_.find(one);
    if (known != rows_.end()) {
      known->second.add(sums);
      continue;
    }
    if (rows_.size() >= kRowsMax) return false;
    rows_.emplace(std::move(one), sums);
  }
  total_.add(sums);
  return true;
}

std::string UsageTable::to_text() const {
  std::vector<std::vector<std::string>> lines;
  lines.emplace_back(dimensions_);
  lines.back().insert(lines.back().end(), std::begin(kColumns), std::end(kColumns));
  const auto add = [&](std::vector<std::string> line, const UsageSums& sums) {
    for (std::string& cell : cells_of(sums))
      line.push_back(std::move(cell));
    lines.push_back(std::move(line));
  };
  if (!dimensions_.empty()) {
    for (const auto& [key, sums] : rows_)
      add(key, sums);
  }
  Key total(dimensions_.size());
  if (!total.empty()) total[0] = "total";
  add(std::move(total), total_);
  std::vector<size_t> widths(lines[0].size());
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    std::string shown;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string gap(widths[i] - line[i].size(), ' ');
      if (i != 0) shown += "  ";
      shown += i < dimensions_.size() ? line[i] + gap : gap + line[i];
    }
    out += shown + "\n";
  }
  return out;
}

std::string UsageTable::to_csv() const {
  std::string out;
  const auto add = [&out](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i)
      out += (i == 0 ? "" : ",") + csv_field(cells[i]);
    out += "\r\n";
  };
  std::vector<std::string> head = dimensions_;
  head.insert(head.end(), std::begin(kColumns), std::end(kColumns));
  add(head);
  for (const auto& [key, sums] : rows_) {
    std::vector<std::string> line = key;
    for (std::string& cell : cells_of(sums))
      line.push_back(std::move(cell));
    add(line);
  }
  return out;
}

std::string UsageTable::to_json() const {
  std::string out = "{\"rows\":[";
  bool first = true;
  for (const auto& [key, sums] : rows_) {
    out += first ? "{" : ",{";
    first = false;
    for (size_t i = 0; i < key.size(); ++i) {
      append_json_string(out, dimensions_[i]);
      out += ':';
      append_json_string(out, key[i]);
      out += ',';
    }
    append_members(out, sums);
    out += '}';
  }
  out += "],\"total\":{";
  append_members(out, total_);
  return out + "}}";
}

}  // namespace tollgate::server
