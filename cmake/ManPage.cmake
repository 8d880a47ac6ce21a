# Writes tollgate(1) out of what the program says of itself, so that there is one text for both.
#
#     cmake -DPROGRAM=tollgate -DVERSION=0.1.0 -DOUTPUT=tollgate.1 -P ManPage.cmake

function(help_of result)
  execute_process(COMMAND ${PROGRAM} ${ARGN} --help OUTPUT_VARIABLE text RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ${ARGN} --help: ${code}")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Text as roff shows it unchanged, in a block that is not filled.
function(add_block text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REPLACE "-" "\\-" text "${text}")
  string(REPLACE "'" "\\(aq" text "${text}")
  string(REGEX REPLACE "(^|\n)\\." "\\1\\\\&." text "${text}")
  string(STRIP "${text}" text)
  set(page "${page}.nf\n${text}\n.fi\n" PARENT_SCOPE)
endfunction()

help_of(overview)
string(REGEX MATCHALL "\n  [a-z]+  +[^\n]+" rows "${overview}")

set(page ".TH TOLLGATE 1 \"\" \"tollgate ${VERSION}\" \"User Commands\"
.SH NAME
tollgate \\- gateway between Claude Code and model providers
.SH SYNOPSIS
.B tollgate
.I COMMAND
[\\fIOPTION\\fR]...
.SH DESCRIPTION
One place that decides who may call which model, what it may cost and where it goes, and that
records what happened. Clients see the Anthropic Messages API and need one environment variable,
.BR ANTHROPIC_BASE_URL .
.PP
")
add_block("${overview}")
string(APPEND page ".SH COMMANDS\n")
foreach(row IN LISTS rows)
  string(REGEX REPLACE "\n  ([a-z]+) .*" "\\1" command "${row}")
  help_of(text ${command})
  string(APPEND page ".SS ${command}\n")
  add_block("${text}")
endforeach()
string(APPEND page ".SH FILES
.TP
.I /etc/tollgate/tollgate.yaml
The configuration of the system service.
.TP
.I /etc/tollgate/environment
Its secrets, as NAME=VALUE lines that only root can read.
.TP
.I /var/log/tollgate/records.jsonl
Its records, one JSON object for each request.
.TP
.I tollgate.yaml
In the current folder: what commands without
.B \\-\\-config
take.
.SH SEE ALSO
.BR systemctl (1),
.BR logrotate (8)
")
file(WRITE ${OUTPUT} "${page}")
