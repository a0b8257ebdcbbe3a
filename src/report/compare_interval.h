// SPDX-License-Identifier: GPL-2.0
/// How much a figure changed, and how sure that is. Pure.
///
/// Each repetition gives one number (its median), so that what the operations of one repetition
/// have in common (the host's load, the state of a cache) counts once. The numbers' logarithms are
/// compared by Student's t interval in Welch's form: latencies spread by factors, so that their
/// logarithms are nearer to normal; the two sides need not spread alike; and the result is a ratio.
/// A bootstrap was not taken: from three to ten numbers it draws intervals that are too narrow,
/// where Student's grow as they have to. Nothing here is random: the same files give the same
/// answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daxbreak {

/// What a comparison says, of one line or of everything.
enum class Judgement { no_difference, better, worse, cant_tell };

/// "no difference", "better", "worse", "can't tell".
[[nodiscard]] std::string_view name_of(Judgement judgement);

/// What a comparison asks for.
struct CompareRules {
  double confidence = 0.95;     ///< that all intervals of one comparison hold at once
  double threshold = 0.05;      ///< relative changes up to this one make no difference
  std::size_t repetitions = 3;  ///< fewer on either side say nothing
};

/// Which way is good.
enum class Good { lower, higher };
/// What the numbers count.
enum class FigureUnit { nanoseconds, per_second, plain };

/// One line of a comparison: a latency or a rate on both sides.
struct Figure {
  std::string measure;  ///< "break", "wake", "put-wake"; of measurements "pin rate", "pin latency"
  std::string group;    ///< "vmsplice"; of measurements load, place and point
  Good good = Good::lower;
  FigureUnit unit = FigureUnit::nanoseconds;
  bool rate = false;          ///< belongs to storms and loads, not to trials
  std::size_t cells = 0;      ///< that are on both sides and in it; 0 for measurements
  std::vector<double> base;   ///< one number for each repetition, above 0
  std::vector<double> other;  ///< ... of the side that is compared with it
  double resolution = 0;      ///< relative width of a histogram's bucket, where they come from one
  bool same = false;          ///< every single sample is the same on both sides
  std::string hindrance;      ///< why the sides cannot be compared; "" if they can

  // What judge_figure() finds.
  Judgement judgement = Judgement::cant_tell;
  std::string why;        ///< of can't tell and of the very same values; "" otherwise
  double base_value = 0;  ///< geometric means of the repetitions
  double other_value = 0;
  bool has_interval = false;
  double low = 0;  ///< of other_value / base_value - 1
  double high = 0;

  /// other_value / base_value - 1.
  [[nodiscard]] double change() const;
};

/// True if there are repetitions enough for an interval, and a reason for one.
[[nodiscard]] bool can_be_tested(const Figure& figure, const CompareRules& rules);

/// Fills in the judgement. `tests` is how many intervals and tests the whole comparison makes: each
/// may miss with the tests-th part of the probability that one of all may (Bonferroni).
void judge_figure(Figure& figure, const CompareRules& rules, std::size_t tests);

/// The value that Student's t with `freedom` (2 or more) degrees stays under with probability
/// 1 - `tail` (0 < tail <= 0.5).
[[nodiscard]] double student_quantile(double tail, double freedom);

/// Fisher's exact test, two-sided: how probable it is that `a` of `of_a` and `b` of `of_b` differ
/// at least that much by chance.
[[nodiscard]] double fisher_exact(std::size_t a, std::size_t of_a, std::size_t b, std::size_t of_b);

/// The judgement of many: worse if one is, else better if one is, else can't tell if one cannot be
/// told. No difference if there is none.
[[nodiscard]] Judgement all_of(const std::vector<Judgement>& judgements);

}  // namespace daxbreak
