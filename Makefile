# Two commands are all that most people need: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
# What an install copies or builds; Python files are read where they are.
SOURCES = pyproject.toml $(shell find extension/src extension/style extension/schema kernel_guard/wrapper/kernelspec kernel_guard/wrapper/kernelspec_r -type f) \
          $(addprefix extension/,package.json yarn.lock .yarnrc.yml tsconfig.json install.json) \
          kernel_guard/server/jupyter_server_config.json

.PHONY: demo test check test-slow attacks format bench clean system-demo system-test system-slow

demo: system-demo $(VENV)/.demo  ## Set everything up and open JupyterLab on the synthetic hospital
	$(BIN)/kernel-guard demo

test: system-test $(VENV)/.test  ## Set everything up and pass the whole test suite
	$(MAKE) --no-print-directory check

# Files keep their order: a browser's event loop stays in its process, where a Jupyter server's could not start any more.
check:  ## Format, lint, types, import contracts and the usual tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder

test-slow: system-test system-slow $(VENV)/.slow  ## The long tests: coverage of error bars, privacy audits, soak, clusters
	$(BIN)/python -m pytest -m slow

attacks: $(VENV)/.test  ## Everything that tries to get data out
	$(BIN)/python -m pytest tests/attacks tests/unit/sandbox

format:  ## Mend what a formatter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.test  ## Ratios, measured side by side in one run
	$(BIN)/python -m bench

system-demo:
	@scripts/system-packages bubblewrap

system-test:
	@scripts/system-packages bubblewrap chromium fonts-noto-cjk postgresql r-base-core r-cran-irkernel r-cran-jsonlite

system-slow:
	@scripts/system-packages default-jre-headless

$(BIN)/python:
	@echo "› making a virtual environment in $(VENV)"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python $(SOURCES)
	@echo "› installing Kernel Guard and building its JupyterLab extension (a few minutes the first time)"
	$(BIN)/python -m pip install --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: $(BIN)/python $(SOURCES)
	@echo "› installing Kernel Guard with its test tools (a few minutes the first time)"
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.slow: $(VENV)/.test
	@echo "› installing Spark for the long tests"
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[test,spark]'
	@touch $@

clean:
	rm -rf $(VENV) build dist extension/lib extension/tsconfig.tsbuildinfo extension/node_modules extension/.yarn kernel_guard/server/labextension
