// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/output.h"
#include "cli/rejudge.h"
#include "cli/say.h"
#include "cli/stdio_style.h"
#include "report/compare_formats.h"
#include "result/saved_run.h"

namespace daxbreak {
namespace {

struct CompareCommand {
  std::vector<std::string> files;
  std::string base_kernel;
  std::string new_kernel;
  std::string by = "pin";
  std::string format = "normal";
  std::string output;
  double confidence = 95;
  double threshold = 5;
  bool all = false;
  bool again = false;
};

/// What compare exits with; not what other commands do, see the footer.
constexpr int exit_worse = exit_findings;
constexpr int exit_unreadable = exit_could_not_run;

/// The run of a file. An Error says what is wrong with it, and what to give instead.
Result<ComparedRun> read_run(const std::string& file) {
  constexpr std::string_view cure = "give what `daxbreak run --events FILE` writes";
  auto saved = load_run(file);
  if (!saved) {
    const std::string said = saved.error().message();
    // A file that cannot be opened needs no lesson on formats.
    if (saved.error().number != 0 || said.find(".jsonl)") != std::string::npos)
      return saved.error();
    return Error{fmt::format("{}; {}", said, cure)};
  }
  const RunRecord& run = saved->run;
  if (run.trials.empty() && run.measures.empty()) {
    std::string notes;
    for (const std::string& note : saved->notes)
      notes += " " + note;
    return Error{
        fmt::format("{}: there is no trial and no measurement in it; {}.{}", file, cure, notes)};
  }
  return ComparedRun{.name = file, .run = std::move(saved->run), .notes = std::move(saved->notes)};
}

Result<void> write_comparison(const Comparison& comparison, const CompareCommand& command) {
  const bool to_file = !command.output.empty();
  std::string text;
  if (command.format == "json")
    text = format_comparison_json(comparison);
  else if (command.format == "markdown")
    text = format_comparison_markdown(comparison);
  else
    text = format_comparison(comparison, to_file ? Style{} : style_of(STDOUT_FILENO), command.all);
  if (!to_file) return write_all(STDOUT_FILENO, text);
  return write_file(command.output, text);
}

int compare(const CompareCommand& command) {
  const bool one_file = command.files.size() == 1;
  if (one_file && (command.base_kernel.empty() || command.new_kernel.empty())) {
    complain(
        fmt::format("{} is the only file: give another one to compare it with, or two of its "
                    "kernels by --base-kernel and --new-kernel",
                    command.files.front()));
    return exit_usage;
  }
  std::vector<ComparedRun> runs;
  for (const std::string& file : command.files) {
    auto run = read_run(file);
    if (!run) return failed(run.error(), exit_unreadable);
    runs.push_back(std::move(*run));
  }
  const auto configs = config_directory();
  if (!configs) return failed(configs.error(), exit_could_not_run);
  const auto known = known_findings(*configs);
  if (!known) return failed(known.error(), exit_usage);
  if (command.again)
    for (ComparedRun& run : runs)
      if (auto done = rejudge(run.run, *configs); !done)
        return failed(Error{run.name + ": " + done.error().message()}, exit_could_not_run);
  CompareOptions options{
      .rules = {.confidence = command.confidence / 100, .threshold = command.threshold / 100},
      .by = command.by == "kernel" ? CompareBy::kernel
            : command.by == "cell" ? CompareBy::cell
                                   : CompareBy::pin,
      .base_kernel = command.base_kernel,
      .other_kernel = command.new_kernel};
  const std::span<const ComparedRun> all(runs);
  const auto comparison =
      compare_runs(all.front(), one_file ? all : all.subspan(1), options, *known);
  if (!comparison) return failed(comparison.error(), exit_usage);
  if (auto done = write_comparison(*comparison, command); !done)
    return failed(done.error(), exit_could_not_run);
  if (!comparison->compared) {
    complain("there is nothing to compare: no cell and no measurement is in both");
    return exit_unreadable;
  }
  return comparison->judgement == Judgement::worse ? exit_worse : exit_pass;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  const auto options = std::make_shared<CompareCommand>();
  CLI::App* command = app.add_subcommand(
      "compare", "Say what is worse and what is better in one saved run than in another");
  command
      ->add_option("RESULTFILE", options->files,
                   "BASE NEW [NEW ...]: what --events wrote; each is compared with the first")
      ->required()
      ->expected(1, -1);
  command->add_option("--base-kernel", options->base_kernel, "compare only this kernel of BASE")
      ->type_name("NAME");
  command
      ->add_option("--new-kernel", options->new_kernel,
                   "... with this one of NEW (or of BASE, if that is the only file)")
      ->type_name("NAME");
  command
      ->add_option("--by", options->by,
                   "latencies of trials: one line for each kernel, pin or cell")
      ->check(CLI::IsMember({"kernel", "pin", "cell"}))
      ->capture_default_str();
  command
      ->add_option("--confidence", options->confidence,
                   "percent: that all the intervals printed hold, at once")
      ->check(CLI::Range(50.0, 99.999))
      ->capture_default_str();
  command
      ->add_option("--threshold", options->threshold,
                   "percent: smaller changes of latencies and rates are no difference")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command->add_flag("--all", options->all, "show every line for itself, and every cell by name");
  command->add_flag("--rejudge", options->again,
                    "judge all of them again, by today's oracles, so that only kernels differ");
  command->add_option("--output", options->output, "write the comparison there")
      ->type_name("FILE")
      ->group("Output");
  command->add_option("--output-format", options->format, "normal, json or markdown")
      ->check(CLI::IsMember({"normal", "json", "markdown"}))
      ->capture_default_str()
      ->group("Output");
  command->footer(
      "Examples:\n"
      "  daxbreak compare yesterday.jsonl today.jsonl\n"
      "  daxbreak compare run.jsonl --base-kernel 6.1 --new-kernel 6.12\n"
      "  daxbreak compare base.jsonl a.jsonl b.jsonl --output-format markdown\n"
      "Each line says worse, better, no difference or can't tell. Latencies and rates need three\n"
      "repetitions on each side (repeat=10 in the job file, or --repeat 10).\n"
      "Exit status: 0 nothing is worse (also where that cannot be told), 1 something is worse,\n"
      "2 usage, 3 a file cannot be read, or nothing is in both.");
  command->callback([options, &action] { action = [options] { return compare(*options); }; });
}

}  // namespace daxbreak
