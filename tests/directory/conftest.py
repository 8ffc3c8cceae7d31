# SPDX-License-Identifier: MIT
"""
	server      a slapd as contrib/directory describes it, one for each file of tests
	drive       the directory's verbs on it (lab.Drive)
	servers     servers(…) starts another slapd, of the test's own
	drives      drives(server…, setting=…) starts another driver
"""
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import lab  # noqa: E402


@pytest.fixture(scope="module")
def server():
	running = lab.Server().start()
	yield running
	running.end()


@pytest.fixture
def drives():
	started = []

	def start(*servers, **settings):
		started.append(lab.Drive(*servers, **settings))
		return started[-1]

	yield start
	for drive in started:
		drive.end()


@pytest.fixture
def drive(server, drives):
	return drives(server)


@pytest.fixture
def servers():
	started = []

	def start(**options):
		started.append(lab.Server(**options))
		return started[-1].start()

	yield start
	for running in started:
		running.end()
