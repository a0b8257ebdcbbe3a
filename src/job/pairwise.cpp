// SPDX-License-Identifier: GPL-2.0
#include "job/pairwise.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

namespace daxbreak {
namespace {

using Row = std::vector<std::size_t>;

constexpr std::size_t open = std::numeric_limits<std::size_t>::max();  // no value chosen yet
constexpr int candidates = 8;  // more make the cover hardly smaller, and each costs the same time

/// Chance that is the same everywhere: the standard's distributions are the implementation's own.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  /// 0 .. count - 1, all alike.
  std::size_t below(std::size_t count) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t limit = most - most % count;
    std::uint64_t value = engine_();
    while (value >= limit)
      value = engine_();
    return static_cast<std::size_t>(value % count);
  }

  void shuffle(std::vector<std::size_t>& values) {
    for (std::size_t left = values.size(); left > 1; --left)
      std::swap(values[left - 1], values[below(left)]);
  }

 private:
  std::mt19937_64 engine_;
};

/// The constraints as tables, and what they say of rows that are filled in part.
class Rules {
 public:
  Rules(std::span<const std::size_t> sizes, std::span<const PairConstraint> constraints)
      : sizes_(sizes.begin(), sizes.end()), of_axis_(sizes.size()) {
    for (const PairConstraint& constraint : constraints) {
      for (const std::size_t axis : constraint.axes)
        of_axis_[axis].push_back(tables_.size());
      tables_.push_back({.axes = constraint.axes, .allowed = tabulate(constraint)});
    }
  }

  /// Whether `value` may stand on `axis`, as far as the constraints can be asked by now.
  [[nodiscard]] bool fits(Row& row, std::size_t axis, std::size_t value) const {
    row[axis] = value;
    const bool good = std::all_of(of_axis_[axis].begin(), of_axis_[axis].end(),
                                  [&](std::size_t at) { return tables_[at].allows(row, sizes_); });
    row[axis] = open;
    return good;
  }

  /// Fills what is open, if that is possible: the axis with the fewest choices first.
  [[nodiscard]] bool complete(Row& row) const {
    std::size_t axis = open;
    std::vector<std::size_t> choices;
    for (std::size_t at = 0; at < row.size(); ++at) {
      if (row[at] != open) continue;
      std::vector<std::size_t> fitting;
      for (std::size_t value = 0; value < sizes_[at]; ++value)
        if (fits(row, at, value)) fitting.push_back(value);
      if (fitting.empty()) return false;
      if (axis != open && fitting.size() >= choices.size()) continue;
      axis = at;
      choices = std::move(fitting);
    }
    if (axis == open) return true;
    for (const std::size_t value : choices) {
      row[axis] = value;
      if (complete(row)) return true;
    }
    row[axis] = open;
    return false;
  }

  [[nodiscard]] bool completable(Row row) const { return complete(row); }

 private:
  struct Table {
    std::vector<std::size_t> axes;
    std::vector<char> allowed;  // the last axis runs fastest

    [[nodiscard]] bool allows(const Row& row, const std::vector<std::size_t>& sizes) const {
      std::size_t at = 0;
      for (const std::size_t axis : axes) {
        if (row[axis] == open) return true;
        at = at * sizes[axis] + row[axis];
      }
      return allowed[at] != 0;
    }
  };

  [[nodiscard]] std::vector<char> tabulate(const PairConstraint& constraint) const {
    std::size_t count = 1;
    for (const std::size_t axis : constraint.axes)
      count *= sizes_[axis];
    std::vector<char> allowed(count);
    std::vector<std::size_t> values(constraint.axes.size());
    for (std::size_t at = 0; at < count; ++at) {
      std::size_t rest = at;
      for (std::size_t i = values.size(); i-- > 0;) {
        values[i] = rest % sizes_[constraint.axes[i]];
        rest /= sizes_[constraint.axes[i]];
      }
      allowed[at] = constraint.allows(values) ? 1 : 0;
    }
    return allowed;
  }

  std::vector<std::size_t> sizes_;
  std::vector<Table> tables_;
  std::vector<std::vector<std::size_t>> of_axis_;
};

/// The pairs that no row holds yet. Values of all axes are numbered through.
class Missing {
 public:
  explicit Missing(std::span<const std::size_t> sizes) : sizes_(sizes.begin(), sizes.end()) {
    for (const std::size_t size : sizes_) {
      first_.push_back(values_);
      values_ += size;
    }
    pairs_.resize(values_ * values_);
    counts_.resize(values_);
  }

  void add(std::size_t axis, std::size_t value, std::size_t other_axis, std::size_t other) {
    set(first_[axis] + value, first_[other_axis] + other, 1);
  }

  [[nodiscard]] bool empty() const { return left_ == 0; }
  [[nodiscard]] std::size_t left() const { return left_; }

  /// New pairs that a value makes with those of the row, and those it could make with open axes.
  [[nodiscard]] std::pair<std::size_t, std::size_t> gain(const Row& row, std::size_t axis,
                                                         std::size_t value) const {
    const std::size_t self = first_[axis] + value;
    std::size_t gained = 0;
    for (std::size_t at = 0; at < row.size(); ++at)
      if (row[at] != open && at != axis && has(self, first_[at] + row[at])) ++gained;
    return {gained, counts_[self]};
  }

  /// New pairs in a full row.
  [[nodiscard]] std::size_t gain(const Row& row) const {
    std::size_t gained = 0;
    for (std::size_t left = 0; left < row.size(); ++left)
      for (std::size_t right = left + 1; right < row.size(); ++right)
        if (has(first_[left] + row[left], first_[right] + row[right])) ++gained;
    return gained;
  }

  void take(const Row& row) {
    for (std::size_t left = 0; left < row.size(); ++left)
      for (std::size_t right = left + 1; right < row.size(); ++right)
        if (has(first_[left] + row[left], first_[right] + row[right]))
          set(first_[left] + row[left], first_[right] + row[right], 0);
  }

  /// A row with nothing but one missing pair: the value that lacks most, with the one of its
  /// partners that lacks most.
  [[nodiscard]] Row neediest(Dice& dice) const {
    const std::size_t self = pick(dice, [&](std::size_t value) { return counts_[value]; });
    const std::size_t other = pick(dice, [&](std::size_t value) {
      return has(self, value) ? counts_[value] : std::size_t{0};
    });
    Row row(sizes_.size(), open);
    for (const std::size_t number : {self, other}) {
      const auto after = std::upper_bound(first_.begin(), first_.end(), number);
      const auto axis = static_cast<std::size_t>(after - first_.begin()) - 1;
      row[axis] = number - first_[axis];
    }
    return row;
  }

 private:
  [[nodiscard]] bool has(std::size_t left, std::size_t right) const {
    return pairs_[left * values_ + right] != 0;
  }

  void set(std::size_t left, std::size_t right, char missing) {
    pairs_[left * values_ + right] = pairs_[right * values_ + left] = missing;
    const auto change = [&](std::size_t& count) { missing != 0 ? ++count : --count; };
    change(counts_[left]);
    change(counts_[right]);
    change(left_);
  }

  /// The value with the highest count; chance decides between equals.
  template <class Count>
  std::size_t pick(Dice& dice, Count count) const {
    std::size_t best = 0;
    std::size_t most = 0;
    std::size_t equals = 0;
    for (std::size_t value = 0; value < values_; ++value) {
      const std::size_t has = count(value);
      if (has == 0 || has < most) continue;
      equals = has > most ? 1 : equals + 1;
      most = has;
      if (dice.below(equals) == 0) best = value;
    }
    return best;
  }

  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> first_;  // of each axis: the number of its value 0
  std::size_t values_ = 0;
  std::vector<char> pairs_;
  std::vector<std::size_t> counts_;  // of each value: its missing pairs
  std::size_t left_ = 0;
};

/// Fills the open axes of a row that can be filled, in random order: on each axis the value that
/// makes most new pairs and lets the row be finished.
Row fill(Row row, std::span<const std::size_t> sizes, const Rules& rules, const Missing& missing,
         Dice& dice) {
  std::vector<std::size_t> order;
  for (std::size_t axis = 0; axis < row.size(); ++axis)
    if (row[axis] == open) order.push_back(axis);
  dice.shuffle(order);
  for (const std::size_t axis : order) {
    std::vector<std::size_t> values(sizes[axis]);
    std::iota(values.begin(), values.end(), std::size_t{0});
    dice.shuffle(values);
    std::vector<std::pair<std::size_t, std::size_t>> gains(values.size());
    for (const std::size_t value : values)
      gains[value] = missing.gain(row, axis, value);
    std::stable_sort(values.begin(), values.end(), [&](std::size_t left, std::size_t right) {
      return gains[left] > gains[right];
    });
    for (const std::size_t value : values) {
      if (!rules.fits(row, axis, value)) continue;
      row[axis] = value;
      if (rules.completable(row)) break;
      row[axis] = open;
    }
  }
  return row;
}

}  // namespace

PairCover cover_pairs(std::span<const std::size_t> sizes,
                      std::span<const PairConstraint> constraints, std::uint64_t seed) {
  PairCover cover;
  if (sizes.empty() || std::find(sizes.begin(), sizes.end(), 0U) != sizes.end()) return cover;
  const Rules rules(sizes, constraints);
  Missing missing(sizes);
  Row row(sizes.size(), open);
  for (std::size_t left = 0; left < sizes.size(); ++left)
    for (std::size_t right = left + 1; right < sizes.size(); ++right)
      for (std::size_t i = 0; i < sizes[left]; ++i)
        for (std::size_t j = 0; j < sizes[right]; ++j) {
          const bool possible = rules.fits(row, left, i) && [&] {
            row[left] = i;
            const bool both = rules.fits(row, right, j);
            row[right] = j;
            const bool all = both && rules.completable(row);
            row[left] = row[right] = open;
            return all;
          }();
          if (possible)
            missing.add(left, i, right, j);
          else
            ++cover.impossible;
        }
  cover.pairs = missing.left();
  Dice dice(seed);
  // One axis makes no pairs: each of its values is a row.
  for (std::size_t value = 0; sizes.size() == 1 && value < sizes[0]; ++value)
    if (rules.fits(row, 0, value)) cover.rows.push_back({value});
  while (!missing.empty()) {
    const Row start = missing.neediest(dice);
    Row best;
    std::size_t most = 0;
    for (int i = 0; i < candidates; ++i) {
      Row next = fill(start, sizes, rules, missing, dice);
      const std::size_t gained = missing.gain(next);
      if (gained <= most) continue;
      most = gained;
      best = std::move(next);
    }
    missing.take(best);
    cover.rows.push_back(std::move(best));
  }
  return cover;
}

}  // namespace daxbreak
