// SPDX-License-Identifier: GPL-2.0
#include "oracle/judge.h"

#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "oracle/oracles.h"

namespace daxbreak {
namespace {

void append(std::vector<Finding>& all, std::vector<Finding> some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

/// The outcome, once the findings are there.
void conclude(Verdict& verdict, const Timeline& timeline, std::optional<std::string> unexercised) {
  if (!verdict.findings.empty()) {
    verdict.outcome = Outcome::fail;
  } else if (auto refused = oracle::refused_breaker(timeline)) {
    verdict.outcome = Outcome::skip;
    verdict.reason = std::move(*refused);
  } else if (unexercised) {
    verdict.outcome = Outcome::inconclusive;
    verdict.reason = std::move(*unexercised);
  } else {
    verdict.outcome = Outcome::pass;
  }
}

}  // namespace

Verdict judge(const Timeline& timeline, const Scheme& scheme) {
  Verdict verdict;
  if (!timeline.skip.empty()) {
    verdict.outcome = Outcome::skip;
    verdict.reason = timeline.skip;
    return verdict;
  }
  if (timeline.device_memory) {
    append(verdict.findings, oracle::private_memory(timeline, scheme));
    append(verdict.findings, oracle::quiet(timeline));
    verdict.measures = oracle::measure(timeline);
    conclude(verdict, timeline, oracle::private_unexercised(timeline));
    return verdict;
  }
  append(verdict.findings, oracle::exclusion(timeline));
  append(verdict.findings, oracle::liveness(timeline, scheme));
  append(verdict.findings, oracle::isolation(timeline));
  append(verdict.findings, oracle::conservation(timeline, scheme));
  append(verdict.findings, oracle::counting(timeline, scheme));
  append(verdict.findings, oracle::killable(timeline));
  append(verdict.findings, oracle::refusal(timeline));
  append(verdict.findings, oracle::durability(timeline));
  append(verdict.findings, oracle::bystanders(timeline));
  append(verdict.findings, oracle::interface(timeline));
  append(verdict.findings, oracle::quiet(timeline));
  verdict.measures = oracle::measure(timeline);
  conclude(verdict, timeline, oracle::not_exercised(timeline, scheme));
  return verdict;
}

}  // namespace daxbreak
