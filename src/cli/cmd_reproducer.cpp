// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "job/sense.h"
#include "report/reproducer.h"

namespace daxbreak {
namespace {

struct ReproducerOptions {
  std::string cell;
  std::string output;
};

int print_reproducer(const ReproducerOptions& options) {
  auto cell = parse_cell(options.cell);
  if (!cell) return failed(cell.error(), exit_usage);
  auto program = reproducer(*cell);
  if (!program) return failed(program.error(), exit_usage);
  if (const auto senseless = skip_reason(*cell))
    return failed(Error{fmt::format("{} makes no sense: {}", cell->id(), *senseless)}, exit_usage);
  if (options.output.empty()) {
    fmt::print("{}", *program);
    return exit_pass;
  }
  if (auto written = write_file(options.output, *program); !written)
    return failed(written.error(), exit_could_not_run);
  return exit_pass;
}

}  // namespace

void add_reproducer(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ReproducerOptions>();
  CLI::App* command = app.add_subcommand(
      "reproducer", "A cell as a C program that needs nothing but a compiler and a DAX mount");
  command->add_option("CELL", options->cell, "as reports name it")->required();
  command->add_option("--output,-o", options->output, "write it there, not to standard output")
      ->type_name("FILE");
  command->footer(
      "Examples:\n"
      "  daxbreak reproducer ext4/4k/vmsplice/truncate/munmap -o repro.c\n"
      "  cc -O1 -static -pthread -o repro repro.c\n"
      "  daxbreak lab exec 6.1 -- ./repro .");
  command->callback(
      [options, &action] { action = [options] { return print_reproducer(*options); }; });
}

}  // namespace daxbreak
