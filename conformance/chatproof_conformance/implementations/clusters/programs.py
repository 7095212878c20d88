"""The clusters that share no code with the right one: none yet."""

from common.programs import Program

PROGRAMS: list[Program] = []
