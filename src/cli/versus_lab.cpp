// SPDX-License-Identifier: GPL-2.0
#include "cli/versus_lab.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "cli/run_lab.h"
#include "lab/exec.h"
#include "result/saved_run.h"

namespace daxbreak {
namespace {

/// The guest's commands: the second NVDIMM becomes a device-dax node, then this program, whose
/// event stream is all that goes to standard output. The words come as "$@".
constexpr const char* script =
    "daxbreak provision create namespace1.0 --mode devdax --align 2m --force >/dev/null || "
    "echo 'no device-dax node could be made' >&2\n"
    "daxbreak versus-fio --directory . --dax-device /dev/dax1.0 --events /tmp/events "
    "--output /dev/null --quiet \"$@\"\n"
    "status=$?\n"
    "cat /tmp/events\n"
    "exit $status\n";

/// The measures of a guest under the name that its kernel has here.
Result<void> take_over(std::string_view stream, const LabKernel& kernel,
                       const std::string& accelerator, RunRecord& record, Collector& collector) {
  auto saved = parse_run(stream);
  if (!saved) return saved.error();
  for (Environment& environment : saved->run.environments) {
    environment.kernel = kernel.image.name;
    environment.version = kernel.image.version;
    environment.origin = kernel.image.origin;
    environment.accelerator = accelerator;
    collector.environment(environment);
    record.environments.push_back(std::move(environment));
  }
  for (MeasureRecord& measure : saved->run.measures) {
    measure.kernel = kernel.image.name;
    collector.measure(measure);
    record.measures.push_back(std::move(measure));
  }
  return ok();
}

void put_incident(RunRecord& record, Collector& collector, const LabKernel& kernel,
                  std::string what, std::string sentence, std::vector<std::string> lines) {
  record.incidents.push_back({.kernel = kernel.image.name,
                              .what = std::move(what),
                              .sentence = std::move(sentence),
                              .console = std::move(lines)});
  collector.incident(record.incidents.back());
}

void run_in(LabKernel kernel, const LabOptions& base, const std::string& filesystem,
            const std::vector<std::string>& words, Nanos limit, RunRecord& record,
            Collector& collector, const std::stop_token& stop) {
  const std::string name = kernel.image.name;
  LabOptions lab = base;
  lab.kernels = {kernel};
  std::string stream;
  std::string said;
  ExecCommand command{.words = {"sh", "-c", script, "versus-fio"},
                      .put = {},
                      .filesystem = filesystem,
                      .limit = limit,
                      .output = [&](std::string_view bytes) { stream += bytes; },
                      .error = [&](std::string_view bytes) { said += bytes; }};
  command.words.insert(command.words.end(), words.begin(), words.end());
  collector.stage(name, "beside fio");
  auto result = lab_exec(lab, command, stop);
  if (!result)
    return put_incident(record, collector, kernel, "could-not-run", result.error().message(), {});
  const auto lines = split(said, "\n");
  const std::vector<std::string> words_said(lines.begin(), lines.end());
  // Whatever happened, what was measured before it is worth having.
  auto taken = take_over(stream, kernel, result->accelerator, record, collector);
  if (result->end == ExecResult::End::died)
    put_incident(record, collector, kernel, "panic", "the kernel died under versus-fio",
                 result->console);
  else if (result->end == ExecResult::End::overdue)
    put_incident(record, collector, kernel, "silence", "versus-fio did not end in time",
                 result->console);
  else if (!taken)
    put_incident(record, collector, kernel, "could-not-run",
                 lines.empty() ? taken.error().message() : std::string(lines.back()), words_said);
  else
    for (const std::string& line : words_said)
      collector.say(fmt::format("{}: {}", name, line));
  collector.stage(name, "done");
}

}  // namespace

Result<RunRecord> versus_in_lab(const std::vector<KernelTask>& tasks, const RunOptions& options,
                                const std::filesystem::path& configs, const std::string& filesystem,
                                const std::vector<std::string>& words, Nanos limit,
                                Collector& collector, const std::stop_token& stop) {
  if (auto qemu = find_qemu(); !qemu) return qemu.error();
  auto cache = Cache::open();
  if (!cache) return cache.error();
  auto folder = LabDirectory::make();
  if (!folder) return folder.error();
  PreparedKernels prepared =
      prepare_kernels(tasks, options, configs, *cache, folder->path(), collector, stop);
  RunRecord record;
  record.incidents = std::move(prepared.incidents);
  LabOptions base{
      .kernels = {}, .size = machine_size(tasks), .append = options.append, .cache = cache->root()};
  base.events.note = [&](const std::string& sentence) { collector.say(sentence); };
  for (LabKernel& kernel : prepared.kernels) {
    if (stop.stop_requested()) break;
    run_in(std::move(kernel), base, filesystem, words, limit, record, collector, stop);
  }
  return record;
}

}  // namespace daxbreak
