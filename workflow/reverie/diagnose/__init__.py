"""Conditions of patients in intensive care, predicted from irregular measurements."""
