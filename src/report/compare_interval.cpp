// SPDX-License-Identifier: GPL-2.0
#include "report/compare_interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace daxbreak {
namespace {

struct Sample {
  double mean = 0;      // of the logarithms
  double variance = 0;  // of a repetition
  double count = 0;
};

Sample sample_of(const std::vector<double>& values, double resolution) {
  Sample sample{.count = static_cast<double>(values.size())};
  for (const double value : values)
    sample.mean += std::log(value) / sample.count;
  for (const double value : values) {
    const double apart = std::log(value) - sample.mean;
    if (values.size() > 1) sample.variance += apart * apart / (sample.count - 1);
  }
  // Where in its bucket a value lies is unknown: a uniform distribution's variance.
  sample.variance += resolution * resolution / 12;
  return sample;
}

double geometric_mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::exp(sample_of(values, 0).mean);
}

/// Probability beyond the angle whose tangent is t / sqrt(freedom). With that substitution
/// Student's density becomes a power of the cosine, which Simpson's rule integrates well.
double tail_beyond(double angle, double freedom) {
  constexpr int steps = 200;
  const double factor = std::exp(std::lgamma((freedom + 1) / 2) - std::lgamma(freedom / 2)) /
                        std::sqrt(std::numbers::pi);
  const double width = (std::numbers::pi / 2 - angle) / steps;
  double sum = 0;
  for (int step = 0; step <= steps; ++step) {
    const double weight = step == 0 || step == steps ? 1 : step % 2 == 1 ? 4 : 2;
    const double cosine = std::max(std::cos(angle + step * width), 0.0);
    sum += weight * std::pow(cosine, freedom - 1);
  }
  return factor * sum * width / 3;
}

double log_choose(double from, double take) {
  return std::lgamma(from + 1) - std::lgamma(take + 1) - std::lgamma(from - take + 1);
}

std::string percent(double share) {
  return fmt::format("{:g} %", share * 100);
}

}  // namespace

std::string_view name_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::no_difference:
      return "no difference";
    case Judgement::better:
      return "better";
    case Judgement::worse:
      return "worse";
    case Judgement::cant_tell:
      return "can't tell";
  }
  return "?";
}

double Figure::change() const {
  return base_value > 0 ? other_value / base_value - 1 : 0;
}

bool can_be_tested(const Figure& figure, const CompareRules& rules) {
  return !figure.same && figure.hindrance.empty() && figure.base.size() >= rules.repetitions &&
         figure.other.size() >= rules.repetitions;
}

double student_quantile(double tail, double freedom) {
  // Beyond a thousand degrees it is the normal distribution's to four digits.
  const double degrees = std::clamp(freedom, 2.0, 1000.0);
  double low = 0;
  double high = std::numbers::pi / 2;
  for (int round = 0; round < 45; ++round) {
    const double middle = (low + high) / 2;
    (tail_beyond(middle, degrees) > tail ? low : high) = middle;
  }
  return std::sqrt(degrees) * std::tan((low + high) / 2);
}

double fisher_exact(std::size_t a, std::size_t of_a, std::size_t b, std::size_t of_b) {
  const auto left = static_cast<double>(of_a);
  const auto right = static_cast<double>(of_b);
  const std::size_t hits = a + b;
  const double all = log_choose(left + right, static_cast<double>(hits));
  const auto probability = [&](std::size_t in_a) {
    return std::exp(log_choose(left, static_cast<double>(in_a)) +
                    log_choose(right, static_cast<double>(hits - in_a)) - all);
  };
  const double seen = probability(a);
  double sum = 0;
  for (std::size_t in_a = hits > of_b ? hits - of_b : 0; in_a <= std::min(hits, of_a); ++in_a)
    if (const double one = probability(in_a); one <= seen * (1 + 1e-9)) sum += one;
  return std::min(sum, 1.0);
}

void judge_figure(Figure& figure, const CompareRules& rules, std::size_t tests) {
  figure.base_value = geometric_mean(figure.base);
  figure.other_value = geometric_mean(figure.other);
  figure.has_interval = false;
  if (figure.same) {
    figure.judgement = Judgement::no_difference;
    figure.why = "the very same values";
    return;
  }
  figure.judgement = Judgement::cant_tell;
  if (!figure.hindrance.empty()) {
    figure.why = figure.hindrance;
    return;
  }
  if (!can_be_tested(figure, rules)) {
    figure.why = fmt::format("too few repetitions: {} and {}, {} are needed", figure.base.size(),
                             figure.other.size(), rules.repetitions);
    return;
  }
  const Sample base = sample_of(figure.base, figure.resolution);
  const Sample other = sample_of(figure.other, figure.resolution);
  const double apart = other.mean - base.mean;
  const double base_part = base.variance / base.count;
  const double other_part = other.variance / other.count;
  const double variance = base_part + other_part;
  double reach = 0;
  if (variance > 0) {
    const double freedom =
        variance * variance /
        (base_part * base_part / (base.count - 1) + other_part * other_part / (other.count - 1));
    const double miss =
        (1 - rules.confidence) / static_cast<double>(std::max<std::size_t>(tests, 1));
    reach = student_quantile(miss / 2, freedom) * std::sqrt(variance);
  }
  figure.has_interval = true;
  figure.low = std::expm1(apart - reach);
  figure.high = std::expm1(apart + reach);

  const double limit = std::log1p(rules.threshold);
  const bool certain = std::abs(apart) > reach;
  const bool rises = apart > 0;
  if (std::abs(apart) + reach <= limit) {
    figure.judgement = Judgement::no_difference;
  } else if (certain && std::abs(apart) >= limit) {
    figure.judgement = rises == (figure.good == Good::lower) ? Judgement::worse : Judgement::better;
  } else {
    figure.why = certain
                     ? fmt::format("a change, but perhaps one under {}", percent(rules.threshold))
                     : "the interval holds no change and a large one";
  }
}

Judgement all_of(const std::vector<Judgement>& judgements) {
  for (const Judgement one : {Judgement::worse, Judgement::better, Judgement::cant_tell})
    if (std::find(judgements.begin(), judgements.end(), one) != judgements.end()) return one;
  return Judgement::no_difference;
}

}  // namespace daxbreak
