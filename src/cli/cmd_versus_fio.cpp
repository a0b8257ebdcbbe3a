// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "base/file.h"
#include "base/path.h"
#include "base/units.h"
#include "cli/collector.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/report_formats.h"
#include "cli/run_jobs.h"
#include "cli/run_options.h"
#include "cli/say.h"
#include "cli/stdio_style.h"
#include "cli/versus_host.h"
#include "cli/versus_lab.h"
#include "lab/interrupt.h"
#include "lab/kernel_catalogue.h"
#include "report/findings.h"
#include "report/versus_table.h"

namespace daxbreak {
namespace {

struct Options {
  RunOptions run;
  std::vector<std::string> pairs;
  std::string filesystem = "ext4";
  std::string node;
  std::string block_size = "4k";
  std::string size = "64m";
  std::string runtime = "2s";
  std::string warmup = "500ms";
  unsigned repetitions = 3;
  std::uint64_t seed = 1;
  bool random = false;
};

Result<VersusSettings> settings_of(const Options& options) {
  VersusSettings settings{
      .repetitions = options.repetitions, .seed = options.seed, .random = options.random};
  const auto size = [](const char* option, const std::string& text,
                       std::uint64_t& into) -> Result<void> {
    auto parsed = parse_size(text);
    if (!parsed) return Error{fmt::format("{}: {}", option, parsed.error().message())};
    into = *parsed;
    return ok();
  };
  const auto time = [](const char* option, const std::string& text, Nanos& into) -> Result<void> {
    auto parsed = parse_time(text);
    if (!parsed) return Error{fmt::format("{}: {}", option, parsed.error().message())};
    into = *parsed;
    return ok();
  };
  for (auto parsed : {size("--bs", options.block_size, settings.block_size),
                      size("--size", options.size, settings.size),
                      time("--runtime", options.runtime, settings.runtime),
                      time("--ramp-time", options.warmup, settings.warmup)})
    if (!parsed) return parsed.error();
  if (auto good = check_settings(settings); !good) return good.error();
  return settings;
}

/// The switches for a guest that say what to compare.
std::vector<std::string> words_of(const Options& options) {
  std::vector<std::string> words{"--bs",        options.block_size,
                                 "--size",      options.size,
                                 "--runtime",   options.runtime,
                                 "--ramp-time", options.warmup,
                                 "--repeat",    std::to_string(options.repetitions),
                                 "--seed",      std::to_string(options.seed)};
  if (options.random) words.emplace_back("--random");
  for (const std::string& pair : options.pairs)
    words.insert(words.end(), {"--pair", pair});
  return words;
}

/// How long a guest may take. fio needs long to start under emulation.
Nanos limit_of(const VersusSettings& settings, std::size_t pairs) {
  constexpr auto overhead = std::chrono::seconds(40);
  const auto turn = settings.warmup + settings.runtime + overhead;
  return std::chrono::seconds(120) +
         2 * turn * static_cast<long>(settings.repetitions * std::max<std::size_t>(pairs, 1));
}

Result<std::vector<KernelTask>> tasks_of(Options& options, const std::filesystem::path& configs) {
  auto catalogue = read_catalogue(configs / "kernels");
  if (!catalogue) return catalogue.error();
  options.run.kernels = files_to_paths(std::move(options.run.kernels), *catalogue);
  Job job;
  job.name = "versus-fio";
  if (!options.run.kernels.empty()) job.kernels = options.run.kernels;
  auto tasks = choose_kernels({job}, *catalogue);
  if (!tasks) return tasks.error();
  for (KernelTask& task : *tasks)
    task.cells.clear();
  return tasks;
}

Result<void> print(const RunRecord& run, const RunOptions& options, const ReportFormats& formats) {
  const bool to_file = !options.output.empty();
  const Style style = to_file ? Style{} : style_of(STDOUT_FILENO);
  std::string text;
  for (const ReportFormat* const format : formats) {
    if (format->name == "normal")
      text += format_versus(run, style) + format_incidents(run, style);
    else
      text += versus_json(run).dump(2) + "\n";
  }
  if (!to_file) return write_all(STDOUT_FILENO, text);
  return write_file(options.output, text);
}

int status_of(const RunRecord& run) {
  const auto rows = versus_rows(run);
  const bool none = std::all_of(rows.begin(), rows.end(),
                                [](const VersusRow& row) { return !row.skipped.empty(); });
  if (none || lost_something(run)) return exit_could_not_run;
  const bool slower = std::any_of(rows.begin(), rows.end(), [](const VersusRow& row) {
    return row.skipped.empty() && row.pace == Pace::slower;
  });
  return slower ? exit_findings : exit_pass;
}

/// The command line, checked.
struct Order {
  std::filesystem::path configs;
  VersusSettings settings;
  ReportFormats formats;
  std::vector<KernelTask> tasks;  ///< empty for a run on this machine
};

Result<Order> understand(Options& options) {
  Order order;
  auto configs = config_directory();
  if (!configs) return configs.error();
  order.configs = *configs;
  auto settings = settings_of(options);
  if (!settings) return settings.error();
  order.settings = *settings;
  auto formats = choose_formats(options.run.format);
  if (!formats) return formats.error();
  for (const ReportFormat* const format : *formats)
    if (format->name != "normal" && format->name != "json")
      return Error{"--output-format: versus-fio has normal and json"};
  order.formats = std::move(*formats);
  for (const auto& [option, file] :
       {std::pair{"--output", &options.run.output}, {"--events", &options.run.events}})
    if (auto good = file->empty() ? ok() : check_writable(*file); !good)
      return Error{fmt::format("{}: {}", option, good.error().doing), good.error().number};
  if (options.run.directories.size() > 1)
    return Error{"--directory: versus-fio works in one directory at a time"};
  if (!options.run.directories.empty()) {
    if (!options.run.kernels.empty())
      return Error{
          "--kernel is for the lab; with --directory the running kernel is the one tested"};
    return order;
  }
  if (!options.node.empty())
    return Error{"--dax-device is for --directory; the lab makes a node of its own"};
  auto tasks = tasks_of(options, order.configs);
  if (!tasks) return tasks.error();
  order.tasks = std::move(*tasks);
  return order;
}

int versus_fio(Options options) {
  auto order = understand(options);
  if (!order) return failed(order.error(), exit_usage);
  std::signal(SIGPIPE, SIG_IGN);
  auto interrupt = Interrupt::watch();
  if (!interrupt) return failed(interrupt.error(), exit_could_not_run);
  options.run.fio = true;
  options.run.command = own_command();
  const std::string started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  auto collector = Collector::open(options.run.events, options.run.command, started,
                                   {.job = "versus-fio"}, options.run.quiet);
  if (!collector) return failed(collector.error(), exit_could_not_run);
  const std::int64_t begun = now_ns();
  const bool host = !options.run.directories.empty();
  const std::size_t pairs = options.pairs.empty() ? versus_pairs().size() : options.pairs.size();
  auto run = host ? versus_on_host(options.run.directories.front(),
                                   {.kernel = {},
                                    .directory = {},
                                    .node = options.node,
                                    .no_block = {},
                                    .block = {},
                                    .pairs = options.pairs,
                                    .settings = order->settings},
                                   *collector, interrupt->token())
                  : versus_in_lab(order->tasks, options.run, order->configs, options.filesystem,
                                  words_of(options), limit_of(order->settings, pairs), *collector,
                                  interrupt->token());
  const double seconds = static_cast<double>(now_ns() - begun) / 1e9;
  auto finished = collector->finish(seconds, {});
  if (!run) return failed(run.error(), exit_could_not_run);
  if (!finished) complain(finished.error().message());
  run->command = options.run.command;
  run->started = started;
  run->seconds = seconds;
  const bool stopped = interrupt->token().stop_requested();
  if (stopped) complain("stopped; what was measured so far:");
  if (auto printed = print(*run, options.run, order->formats); !printed)
    return failed(printed.error(), exit_could_not_run);
  const int status = status_of(*run);
  return stopped && status == exit_pass ? exit_could_not_run : status;
}

}  // namespace

void add_versus_fio(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "versus-fio", "The same work by fio and by daxbreak in turn, and the ratios");
  add_place_options(*command, options->run);
  std::vector<std::string> names;
  for (const VersusPair& pair : versus_pairs())
    names.emplace_back(pair.name);
  command->add_option("--pair", options->pairs, "only this pair (more than one: name it again)")
      ->check(CLI::IsMember(names))
      ->type_name("PAIR")
      ->take_all()
      ->allow_extra_args(false)
      ->group("What");
  command->add_option("--filesystem", options->filesystem, "in the lab")
      ->check(CLI::IsMember({"ext4", "xfs"}))
      ->capture_default_str()
      ->group("Where");
  command
      ->add_option("--dax-device", options->node,
                   "with --directory: a device-dax node; WHAT IS ON IT IS LOST")
      ->type_name("NODE")
      ->group("Where");
  const auto add = [&](const char* name, auto& into, const char* help, const char* type) {
    command->add_option(name, into, help)->type_name(type)->capture_default_str()->group("What");
  };
  add("--bs", options->block_size, "bytes of each operation", "SIZE");
  add("--size", options->size, "of the file, and as much of the device-dax node", "SIZE");
  add("--runtime", options->runtime, "of each measurement", "TIME");
  add("--ramp-time,--ramp_time", options->warmup, "before each measurement", "TIME");
  add("--repeat", options->repetitions, "measurements of each side", "NUMBER");
  add("--seed", options->seed, "of random offsets", "NUMBER");
  command->add_flag("--random", options->random, "offsets at random instead of ascending")
      ->group("What");
  command->add_option("--output", options->run.output, "write the report there")
      ->type_name("FILE")
      ->group("Output");
  command->add_option("--output-format", options->run.format, "of normal, json")
      ->type_name("FORMAT,...")
      ->capture_default_str()
      ->group("Output");
  command->add_option("--events", options->run.events, "keep every measurement there (JSON Lines)")
      ->type_name("FILE")
      ->group("Output");
  command->add_flag("--quiet,-q", options->run.quiet, "no progress")->group("Output");
  command->footer(
      "Examples:\n"
      "  daxbreak versus-fio --kernel 6.12\n"
      "  daxbreak versus-fio --kernel 6.12 --pair odirect-read --repeat 5 --output-format json\n"
      "  sudo daxbreak versus-fio --directory /mnt/pmem\n"
      "Exit status: 0 not slower than fio, or can't tell; 1 slower in some pair; 3 could not run.");
  command->callback([options, &action] { action = [options] { return versus_fio(*options); }; });
}

}  // namespace daxbreak
