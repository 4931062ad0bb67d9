import os


def test_runs_with_its_own_variables_and_memory(batch: str) -> None:
    assert os.environ["BATCH"] == batch
    assert os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
