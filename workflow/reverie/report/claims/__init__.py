"""What the lecture remarks, each remark held against a run's files by one small function."""
