#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ascii.hpp"
#include "router/catalog.hpp"

namespace tollgate::router {
namespace {

// A wrong name is answered to whoever sent it, so the work it causes is bounded.
constexpr size_t kComparedBytesMax = 96;
constexpr size_t kComparedNamesMax = 4'096;
constexpr size_t kFar = SIZE_MAX;

std::string comparable(std::string_view text) {
  return ascii::to_lower(text.substr(0, kComparedBytesMax));
}

std::string_view behind_slash(std::string_view text) {
  const size_t slash = text.find('/');
  return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

/// Edits (insert, remove, replace) between two short texts; kFar when more than `most`.
size_t edits(std::string_view a, std::string_view b, size_t most) {
  if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > most) return kFar;
  std::array<size_t, kComparedBytesMax + 1> row{};
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    size_t best = row[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      best = std::min(best, row[j]);
    }
    if (best > most) return kFar;
  }
  return row[b.size()] <= most ? row[b.size()] : kFar;
}

/// Calls `visit` for each run of letters and digits: "claude-sonnet-4" has three.
template <typename Visit>
void for_each_piece(std::string_view text, Visit visit) {
  constexpr std::string_view kBreaks = "-_/.:@ []";
  size_t from = 0;
  while (from < text.size()) {
    const size_t to = std::min(text.find_first_of(kBreaks, from), text.size());
    if (to > from) visit(text.substr(from, to - from));
    from = to + 1;
  }
}

bool has_piece(std::string_view text, std::string_view wanted) {
  bool found = false;
  for_each_piece(text, [&](std::string_view piece) { found = found || piece == wanted; });
  return found;
}

/// How much of `name` stands in `candidate` piece by piece, in percent of its letters.
size_t shared_percent(std::string_view name, std::string_view candidate) {
  size_t all = 0;
  size_t shared = 0;
  for_each_piece(name, [&](std::string_view piece) {
    all += piece.size();
    if (has_piece(candidate, piece)) shared += piece.size();
  });
  return all == 0 ? 0 : shared * 100 / all;
}

/// Smaller is nearer: first misspellings, then names that share most of their pieces.
size_t distance(std::string_view name, std::string_view candidate) {
  const std::string_view short_name = behind_slash(name);
  const std::string_view short_candidate = behind_slash(candidate);
  const size_t most = std::max<size_t>(1, std::min<size_t>(short_name.size() / 3, 8));
  size_t best = edits(name, candidate, most);
  best = std::min(best, edits(short_name, short_candidate, most));
  if (best != kFar) return best;
  const size_t percent = shared_percent(short_name, short_candidate);
  return percent >= 50 ? 200 - percent : kFar;
}

}  // namespace

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names,
                                    size_t count) {
  struct Scored {
    size_t distance;
    size_t index;
  };
  const std::string wanted = comparable(name);
  std::vector<Scored> scored;
  if (wanted.empty()) return {};
  for (size_t i = 0; i < names.size() && i < kComparedNamesMax; ++i) {
    const size_t far = distance(wanted, comparable(names[i]));
    if (far != kFar) scored.push_back({far, i});
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const Scored& a, const Scored& b) { return a.distance < b.distance; });
  std::vector<std::string> nearest;
  for (size_t i = 0; i < scored.size() && i < count; ++i) {
    nearest.push_back(names[scored[i].index]);
  }
  return nearest;
}

}  // namespace tollgate::router
