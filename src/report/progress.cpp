// SPDX-License-Identifier: GPL-2.0
#include "report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "report/text.h"

namespace daxbreak {
namespace {

constexpr double redraw_seconds = 0.25;
constexpr double plain_seconds = 30;
constexpr std::size_t plain_trials = 25;
constexpr std::size_t enough_trials = 3;

enum class Detail { full, failures, least };

std::string share_of(const KernelProgress& kernel, Detail detail) {
  // Of what is not counted beforehand (versus-fio) there is no share.
  if (!kernel.phase.empty() && (kernel.done() == 0 || kernel.total == 0))
    return fmt::format("{} {}", kernel.kernel, kernel.phase);
  std::string text = fmt::format("{} {}/{}", kernel.kernel, kernel.done(), kernel.total);
  if (detail == Detail::full) text += fmt::format(" ok {}", kernel.passed);
  if (detail != Detail::least && kernel.failed > 0) text += fmt::format(" fail {}", kernel.failed);
  if (detail == Detail::full && kernel.inconclusive > 0)
    text += fmt::format(" ? {}", kernel.inconclusive);
  if (detail == Detail::full && kernel.skipped > 0) text += fmt::format(" - {}", kernel.skipped);
  if (!kernel.phase.empty() && kernel.done() < kernel.total) text += " " + kernel.phase;
  return text;
}

std::string time_part(const ProgressState& state) {
  const auto left = seconds_left(state);
  return left ? format_span(*left) + " left" : format_span(state.elapsed);
}

template <class Get>
std::size_t sum(const std::vector<KernelProgress>& kernels, Get get) {
  return std::accumulate(
      kernels.begin(), kernels.end(), std::size_t{0},
      [&](std::size_t all, const KernelProgress& kernel) { return all + get(kernel); });
}

}  // namespace

void KernelProgress::count(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      ++passed;
      break;
    case Outcome::fail:
      ++failed;
      break;
    case Outcome::skip:
      ++skipped;
      break;
    case Outcome::inconclusive:
      ++inconclusive;
      break;
  }
}

std::size_t ProgressState::total() const {
  return sum(kernels, [](const KernelProgress& kernel) { return kernel.total; });
}
std::size_t ProgressState::done() const {
  return sum(kernels, [](const KernelProgress& kernel) { return kernel.done(); });
}
std::size_t ProgressState::failed() const {
  return sum(kernels, [](const KernelProgress& kernel) { return kernel.failed; });
}

std::optional<double> seconds_left(const ProgressState& state) {
  // Skips cost nothing and come in bunches: what they say about speed is wrong.
  const std::size_t ran = state.done() - sum(state.kernels, [](const KernelProgress& kernel) {
                            return kernel.skipped;
                          });
  if (ran < enough_trials || state.testing <= 0 || state.total() <= state.done())
    return std::nullopt;
  const auto rest = static_cast<double>(state.total() - state.done());
  return state.testing / static_cast<double>(ran) * rest;
}

std::string progress_line(const ProgressState& state, const Style& style) {
  // One column stays free: some terminals wrap when the last one is written.
  const auto room = static_cast<std::size_t>(std::max(style.width, 10)) - 1;
  const std::string bar = style.utf8 ? " │ " : " | ";
  for (const Detail detail : {Detail::full, Detail::failures, Detail::least}) {
    std::string line;
    for (const KernelProgress& kernel : state.kernels)
      line += share_of(kernel, detail) + bar;
    line += time_part(state);
    if (text_width(line) <= room) return line;
  }
  return shorten(fmt::format("{}/{} done, {} failed, {}", state.done(), state.total(),
                             state.failed(), time_part(state)),
                 room);
}

Progress::Progress(Style style, bool terminal, Write write)
    : style_(style), terminal_(terminal), write_(std::move(write)) {}

void Progress::update(const ProgressState& state, double now) {
  const bool complete = state.total() > 0 && state.done() == state.total();
  if (terminal_) {
    if (last_at_ && now - *last_at_ < redraw_seconds && !complete) return;
    const std::string line = progress_line(state, style_);
    last_at_ = now;
    if (line == shown_) return;
    shown_ = line;
    write_("\r" + line + "\033[K");
    return;
  }
  const bool due = !last_at_ || now - *last_at_ >= plain_seconds ||
                   state.done() >= last_done_ + plain_trials ||
                   (complete && state.done() != last_done_);
  if (!due || state.kernels.empty()) return;
  last_at_ = now;
  last_done_ = state.done();
  write_(fmt::format("[{:>6}] {}\n", format_span(state.elapsed), progress_line(state, style_)));
}

void Progress::note(std::string_view sentence) {
  if (!terminal_ || shown_.empty()) {
    write_(std::string(sentence) + "\n");
    return;
  }
  write_("\r\033[K" + std::string(sentence) + "\n" + shown_ + "\033[K");
}

void Progress::verdict(std::string_view kernel, std::string_view cell, const Verdict& verdict,
                       double elapsed) {
  // A skip is no verdict on a kernel.
  if (!first_verdict_ || verdict.outcome == Outcome::skip) return;
  first_verdict_ = false;
  std::string what(name_of(verdict.outcome));
  if (!verdict.findings.empty()) what += " (" + verdict.findings.front().kind + ")";
  if (!verdict.reason.empty()) what += " (" + verdict.reason + ")";
  note(fmt::format("First verdict after {}: {} {}: {}", format_span(elapsed), kernel, cell, what));
}

void Progress::finish() {
  if (terminal_ && !shown_.empty()) write_("\r\033[K");
  shown_.clear();
}

}  // namespace daxbreak
