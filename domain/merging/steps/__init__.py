"""What happens between two members inside one transaction?"""
